// Preloaded into Node: a connection to anything but this machine fails at once, and is written down.
const { appendFileSync } = require('node:fs');
const net = require('node:net');

const { connect } = net.Socket.prototype;
/** @param {unknown} host */
const isHere = (host) => host === undefined || host === 'localhost' || host === '::1' || /^127\./.test(String(host));

/**
 * @this {net.Socket}
 * @param {any[]} given what one of the many forms of `connect` takes
 */
net.Socket.prototype.connect = function (...given) {
  const [options, host] = Array.isArray(given[0]) ? given[0] : given;
  const to = typeof options === 'object' ? (options.path ?? options.host) : host;
  const isLocal = typeof options === 'string' || (typeof options === 'object' && options.path !== undefined);
  if (isLocal || isHere(to)) return Reflect.apply(connect, this, given);
  appendFileSync(String(process.env['MILLRACE_REFUSED_CONNECTIONS']), `${to}\n`);
  process.nextTick(() => this.destroy(Object.assign(new Error(`no way to ${to}`), { code: 'EHOSTUNREACH' })));
  return this;
};
