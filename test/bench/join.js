'use strict';

// usage: join.js --launch COSOUP_LAUNCH [--rtt MS] [--joins N] [--insecure-ws] [--protocol 2025|2024|both]
// How many round trips it takes to join a room in which somebody is sending, at a server of the demo's
// protocol of that year.
//
// A sending peer is in the room, undelayed. Then measured peers join one after the other through a
// relay that delays signalling and media alike (relay.js), each in a process of its own:
//   joined         until joinRoom's `joined` event
//   firstReceived  until the first RTP packet of any consumer is there
//   firstSent      until the server has the first RTP packet of any producer of the measured peer
// all from the start of joinRoom, so connecting, TLS and the WebSocket upgrade are in it (three round
// trips on their own), the start of the process is not. The first two are cosoup-launch's own times.
// The third is taken at the server (first_rtp.js); the start of joinRoom on that clock is when an
// event arrived here less the time that it carries, the least of all events being the truest.
// The packet's own way to the server, half a round trip, is in it.

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { HOST, Launch, RoomServer, runBenchmark } = require('./processes');
const { Relay } = require('./relay');

const { values: options } = parseArgs({
  options: {
    'launch': { type: 'string' },
    'rtt': { type: 'string', default: '100' },
    'joins': { type: 'string', default: '5' },
    'insecure-ws': { type: 'boolean', default: false },
    'protocol': { type: 'string', default: '2025' },
  },
});
const rttMs = Number(options.rtt);
const protocols = options.protocol === 'both' ? ['2025', '2024'] : [options.protocol];

// ---- the measurement ---------------------------------------------------------------------------

const KINDS = 2; // audio and video

async function measureJoin(index, server, url, certificate) {
  const peer = new Launch(options.launch, `measured-${index}`, url, certificate,
    '--produce', 'test', '--consume', 'discard');
  const joined = await peer.until('joined', () => peer.all('joined')[0]);
  await peer.until('all streams flow', () => peer.all('first-rtp').length >= KINDS
    && peer.all('produced').filter(({ id }) => server.firstRtpAtMs(id)).length >= KINDS);
  const sentAtMs = peer.all('produced').map(({ id }) => server.firstRtpAtMs(id));
  await peer.stop();
  return {
    joined: joined.ms,
    firstReceived: Math.min(...peer.all('first-rtp').map(({ ms }) => ms)),
    firstSent: Math.min(...sentAtMs) - peer.beganMs,
  };
}

const roundTrips = (ms) => Number((ms / rttMs).toFixed(2));

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `unit` "RoundTrips" or "Ms". */
function figures(joins, unit, convert) {
  const result = {};
  for (const name of ['firstReceived', 'firstSent', 'joined']) {
    const key = `${name}${name === 'joined' ? '' : 'Rtp'}${unit}`;
    const values = joins.map((join) => join[name]);
    result[key] = convert(median(values));
    result[`${key}Min`] = convert(Math.min(...values));
    result[`${key}Max`] = convert(Math.max(...values));
  }
  return result;
}

async function measure(directory, protocol) {
  const relay = await Relay.start({ oneWayMs: 0 });
  const server = await RoomServer.start(directory, [
    '--protocol', protocol, '--announced-rtc-port', String(relay.udpPort), ...(options['insecure-ws'] ? ['--insecure-ws'] : []),
  ]);
  const secure = server.url.startsWith('wss');
  const certificate = path.join(directory, 'cert.pem');
  const ca = secure ? fs.readFileSync(certificate) : undefined;
  await relay.connect({ tcpPort: server.tcpPort, udpPort: await server.rtcPort(ca) });

  const sender = new Launch(options.launch, 'sender', server.url, certificate, '--produce', 'test', '--consume', 'none');
  await sender.until('all streams are sent', () =>
    sender.all('produced').filter(({ id }) => server.firstRtpAtMs(id)).length >= KINDS);

  relay.oneWayMs = rttMs / 2;
  const url = `${secure ? 'wss' : 'ws'}://${HOST}:${relay.tcpPort}`;
  const joins = [];
  for (let index = 1; index <= Number(options.joins); index += 1) {
    const join = await measureJoin(index, server, url, certificate);
    joins.push(join);
    console.error(`${protocol}: join ${index}: ${Object.entries(join).map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`);
  }
  const { meanMs, maxMs } = relay.lateness;
  await sender.stop();
  await server.stop();
  await relay.close();
  return {
    bench: 'join',
    protocol,
    rttMs,
    url: secure ? 'wss' : 'ws',
    joins: joins.length,
    ...(rttMs > 0 && figures(joins, 'RoundTrips', roundTrips)),
    ...figures(joins, 'Ms', Math.round),
    relayLateMs: Number(meanMs.toFixed(2)),
    relayLateMsMax: Number(maxMs.toFixed(2)),
  };
}

runBenchmark(...protocols.map((protocol) => (directory) => measure(directory, protocol)));
