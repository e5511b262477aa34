/**
 * Stands in for `aws-xray-sdk-core` in the bundles: the parts of it that the tracer calls on Lambda. The rest, made for servers, other
 * hosts and the SDK before this one, takes as much again.
 */
const { captureAsyncFunc, captureFunc } = require('aws-xray-sdk-core/dist/lib/capture');
const context = require('aws-xray-sdk-core/dist/lib/context_utils');
const { setDaemonAddress } = require('aws-xray-sdk-core/dist/lib/daemon_config');
const lambda = require('aws-xray-sdk-core/dist/lib/env/aws_lambda');
const { setLogger } = require('aws-xray-sdk-core/dist/lib/logger');
const { captureHTTPsGlobal } = require('aws-xray-sdk-core/dist/lib/patchers/http_p');
const Segment = require('aws-xray-sdk-core/dist/lib/segments/segment');
const Subsegment = require('aws-xray-sdk-core/dist/lib/segments/attributes/subsegment');

// What is called outside of a trace is not traced, and that is no error.
context.setContextMissingStrategy('IGNORE_ERROR');
if (process.env.LAMBDA_TASK_ROOT) lambda.init();

const { getNamespace, getSegment, setSegment, setContextMissingStrategy } = context;
module.exports = {
  captureAsyncFunc,
  captureFunc,
  captureHTTPsGlobal,
  getNamespace,
  getSegment,
  setSegment,
  setContextMissingStrategy,
  setDaemonAddress,
  setLogger,
  Segment,
  Subsegment,
};
