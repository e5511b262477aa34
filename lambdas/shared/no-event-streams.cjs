/** Stands in for the SDK's reader of event streams in the bundles: of what is called, nothing answers with one. */
module.exports = {
  eventStreamSerdeProvider: () => undefined,
  resolveEventStreamSerdeConfig: (config) => config,
};
