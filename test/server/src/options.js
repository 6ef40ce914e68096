'use strict';

const { parseArgs } = require('node:util');

const { CODEC_NAMES } = require('./router_codecs');

/** Every option: its parser type, what `--help` says, and (for numbers) the allowed range. */
const OPTIONS = {
  'protocol': { type: 'string', default: '2025', value: 'YEAR', choices: ['2025', '2024'], help: "the demo's protocol: 2025 (default) or 2024, as its servers before spoke it" },
  'host': { type: 'string', default: '127.0.0.1', value: 'IP', help: 'address to listen on (default 127.0.0.1)' },
  'domain': { type: 'string', value: 'NAME', help: 'what clients know the server as, and 2025 wants as Origin (default: the address)' },
  'port': { type: 'string', default: '4443', value: 'N', range: [0, 65535], help: 'WebSocket and HTTP port; 0 = a free one (default 4443)' },
  'rtc-port': { type: 'string', default: '0', value: 'N', range: [0, 65535], help: 'UDP and TCP port for media; 0 = free ones (default)' },
  'json-rpc-port': { type: 'string', value: 'N', range: [0, 65535], help: 'also listen for JSON-RPC over TCP; 0 = a free port' },
  'insecure-ws': { type: 'boolean', help: 'plain ws:// and http:// instead of TLS' },
  'cert-dir': { type: 'string', value: 'DIR', help: 'keep cert.pem and key.pem in DIR (made there when missing)' },
  'max-incoming-bitrate': { type: 'string', value: 'BPS', range: [0, 1e9], help: 'per transport; 0 = unlimited (default: 0 in 2025, 1500000 in 2024)' },
  'codecs': { type: 'string', value: 'A,B', names: CODEC_NAMES, help: `offer only these, in this order: ${CODEC_NAMES.join(' ')}` },
  'pcmu': { type: 'boolean', help: 'also offer PCMU' },
  'av1': { type: 'boolean', help: 'also offer AV1, where mediasoup has it' },
  'sctp-always': { type: 'boolean', help: 'transports get SCTP also without being asked, as in versions of 2025 that are newer still' },
  'max-message-size': { type: 'string', value: 'BYTES', range: [1, 1e9], help: 'largest message of data channels, each way (default 262144)' },
  'no-sctp': { type: 'boolean', help: 'transports never get SCTP' },
  'ice-tcp-only': { type: 'boolean', help: 'offer no UDP candidates' },
  'ice-consent-timeout': { type: 'string', default: '20', value: 'S', range: [0, 60], help: 'seconds without a binding request after which ICE ends; 0 = never (default 20)' },
  'join-deadline': { type: 'string', default: '10', value: 'S', range: [0, 3600], help: 'seconds after which who has not joined is closed, in 2025; 0 = never (default 10)' },
  'announced-rtc-port': { type: 'string', value: 'N', range: [1, 65535], help: 'port in the ICE candidates that clients see' },
  'announced-address': { type: 'string', value: 'IP', help: 'address in the ICE candidates that clients see' },
  'consume-unpaused': { type: 'boolean', help: 'consumers start unpaused and do not wait for the client' },
  'reject-join': { type: 'string', value: 'REASON', help: 'every join fails with error 500 REASON' },
  'test-api': { type: 'boolean', help: 'serve the /test HTTP API' },
  'verbose': { type: 'boolean', help: 'log every request' },
  'help': { type: 'boolean', short: 'h', help: 'show this' },
};

class UsageError extends Error {}

function usage() {
  const lines = Object.entries(OPTIONS).map(([name, { value, help }]) =>
    `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(28)}${help}`);
  return ['usage: run.sh [options]', ...lines].join('\n');
}

function parseNumber(name, text, [min, max]) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${text}"`);
  }
  return number;
}

function parseNames(name, text, known) {
  const names = text.split(',');
  const unknown = names.find((part) => !known.includes(part));
  if (unknown !== undefined) throw new UsageError(`--${name}: unknown "${unknown}"; known are ${known.join(', ')}`);
  return names;
}

function parseChoice(name, text, choices) {
  if (!choices.includes(text)) throw new UsageError(`--${name} takes ${choices.join(' or ')}, not "${text}"`);
  return text;
}

const camelCase = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/** Returns the options by camelCase name, numbers as numbers; throws UsageError. */
function parseOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: OPTIONS, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const options = {};
  for (const [name, { range, names, choices, type }] of Object.entries(OPTIONS)) {
    const given = values[name];
    if (names && given !== undefined) {
      options[camelCase(name)] = parseNames(name, given, names);
    } else if (choices) {
      options[camelCase(name)] = parseChoice(name, given, choices);
    } else if (range && given !== undefined) {
      options[camelCase(name)] = parseNumber(name, given, range);
    } else {
      options[camelCase(name)] = type === 'boolean' ? Boolean(given) : given;
    }
  }
  return options;
}

module.exports = { parseOptions, usage, UsageError };
