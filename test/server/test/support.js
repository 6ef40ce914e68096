'use strict';

const dgram = require('node:dgram');
const http = require('node:http');
const https = require('node:https');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { after, before, describe, test } = require('node:test');
const readline = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');
const { Peer, WebSocketTransport } = require('protoo-client');
const { client2024 } = require('./client_2024');
const { client2025 } = require('./client_2025');

const MAIN = path.join(__dirname, '..', 'src', 'main.js');
const PATIENCE_MS = 5000;

const DIALECTS = { 2024: client2024, 2025: client2025 };
const PROTOCOLS = Object.keys(DIALECTS);

/** Polls until `condition` gives something true, which it returns. */
async function until(what, condition, patience = PATIENCE_MS) {
  const deadline = Date.now() + patience;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`timeout: ${what}`);
    await sleep(20);
  }
}

/** The server in a process of its own, as a user starts it. */
class ServerProcess {
  static async start(...options) {
    const child = spawn(process.execPath, [MAIN, '--port', '0', ...options],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new ServerProcess(child);
    if (options.includes('--protocol')) server.protocol = options[options.indexOf('--protocol') + 1];
    server.url = await server.#listening();
    return server;
  }

  protocol = '2025';
  stderr = '';
  stdout = '';

  constructor(child) {
    this.child = child;
    this.exited = once(child, 'exit').then(([status]) => status);
    child.stderr.on('data', (text) => { this.stderr += text; });
  }

  get httpUrl() {
    return this.url.replace(/^ws/, 'http');
  }

  /** What the server wants as Origin in 2025. */
  get origin() {
    return this.httpUrl;
  }

  async http(method, resource, body, { Origin = this.origin } = {}) {
    const response = await fetch(`${this.httpUrl}${resource}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...(Origin && { Origin }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  }

  get(resource) {
    return this.http('GET', resource);
  }

  post(resource, body) {
    return this.http('POST', resource, body);
  }

  /** The server's own view of one peer. */
  async peer(roomId, peerId) {
    const { body } = await this.get(`/test/rooms/${roomId}`);
    return body.peers.find(({ id }) => id === peerId);
  }

  async about() {
    return (await this.get('/test/server')).body;
  }

  /** Resolves to the exit status. */
  stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.exited;
  }

  async #listening() {
    const lines = readline.createInterface({ input: this.child.stdout });
    const line = once(lines, 'line').then(([text]) => text);
    const text = await Promise.race([line, this.exited]);
    lines.on('line', (more) => { this.stdout += more; });
    if (typeof text !== 'string') throw new Error(`exit ${text}: ${this.stderr}`);
    return text.replace(/^listening /, '');
  }
}

/** What comes of a WebSocket handshake: '101', or the status and the reason of the refusal. */
async function handshake(url, headers = {}, options = {}) {
  const { get } = url.startsWith('https') ? https : http;
  const request = get(url, { agent: false, ...options, headers: {
    'Connection': 'Upgrade', 'Upgrade': 'websocket', 'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'), 'Sec-WebSocket-Protocol': 'protoo', ...headers,
  } });
  const answered = once(request, 'response').then(([response]) => {
    response.resume();
    return `${response.statusCode} ${response.headers['x-websocket-reject-reason']}`;
  });
  const upgraded = once(request, 'upgrade').then(([, socket]) => {
    socket.destroy();
    return '101';
  });
  return Promise.race([answered, upgraded]);
}

/** A server for all tests of a suite, which find it in the result's `server`. */
function useServer(...options) {
  const here = {};
  before(async () => { here.server = await ServerProcess.start('--insecure-ws', '--test-api', ...options); });
  after(() => here.server.stop());
  return here;
}

/** The same tests in every dialect: body({protocol, here, test}), each with a server of its own. */
function inEveryDialect(body) {
  for (const protocol of PROTOCOLS) {
    describe(`the dialect of ${protocol}`, () => {
      const here = useServer('--protocol', protocol);
      body({ protocol, here, test: (title, run) => test(`${protocol}: ${title}`, run) });
    });
  }
}

/** A protoo client that remembers what it was told. It speaks the dialect of its server. */
class Client {
  static async connect(server, roomId, peerId, query = '') {
    const { origin, protocol } = server;
    const transport = new WebSocketTransport(
      `${server.url}/?roomId=${roomId}&peerId=${peerId}${query}`, { origin });
    const client = new Client(new Peer(transport), DIALECTS[protocol]);
    await once(client.protoo, 'open');
    return client;
  }

  notifications = [];
  requests = [];
  /** What the client answers to the server's requests; an Error refuses. */
  answer = {};

  constructor(protoo, dialect) {
    this.protoo = protoo;
    this.dialect = dialect;
    protoo.on('notification', (notification) => this.notifications.push(notification));
    protoo.on('request', (request, accept, reject) => {
      this.requests.push(request);
      if (this.answer instanceof Error) reject(403, this.answer.message);
      else accept(this.answer);
    });
    this.closed = once(protoo, 'close');
  }

  request(method, data = {}) {
    return this.protoo.request(method, data);
  }

  /** Tells or asks, as the dialect has it; resolves when it is done. */
  act(method, data) {
    return this.dialect.act(this, method, data);
  }

  async routerRtpCapabilities() {
    return this.dialect.routerRtpCapabilities(await this.request('getRouterRtpCapabilities'));
  }

  async createTransport(direction, more = {}) {
    const { transport, transportRequest } = this.dialect;
    return transport(await this.request('createWebRtcTransport', { ...transportRequest(direction), ...more }));
  }

  /** Transports both ways, then join; afterwards `send` and `recv` are the transports. */
  async join(displayName = 'Anna') {
    const rtpCapabilities = await this.routerRtpCapabilities();
    this.send = await this.createTransport('send');
    this.recv = await this.createTransport('recv');
    return this.request('join', this.dialect.joinRequest({
      displayName, device: { flag: 'test', name: 'test', version: '1' }, rtpCapabilities,
    }));
  }

  async produce(kind = 'audio') {
    const { produceRequest, producerId } = this.dialect;
    return producerId(await this.request('produce', produceRequest(
      { transportId: this.send.id, kind, rtpParameters: rtpParameters(kind) })));
  }

  /** `label` is the channel, too, where there are channels. */
  async produceData(label, streamId = 0) {
    const { produceDataRequest, dataProducerId } = this.dialect;
    return dataProducerId(await this.request('produceData', produceDataRequest({
      transportId: this.send.id, label, protocol: 'p',
      sctpStreamParameters: { streamId, ordered: false, maxRetransmits: 1 },
    })));
  }

  /** The data of the first such notification, now or soon. */
  async notified(method, where = () => true) {
    const found = await until(`notification ${method}`, () =>
      this.notifications.find((entry) => entry.method === method && where(entry.data)));
    return found.data;
  }

  async requested(method, where = () => true) {
    const found = await until(`request ${method}`, () =>
      this.requests.find((entry) => entry.method === method && where(entry.data)));
    return found.data;
  }

  close() {
    this.protoo.close();
  }
}

const CODECS = {
  audio: { mimeType: 'audio/opus', clockRate: 48000, channels: 2, payloadType: 100 },
  video: { mimeType: 'video/VP8', clockRate: 90000, payloadType: 101 },
};

const AUDIO_LEVEL = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 10 };

function rtpParameters(kind, ssrc = kind === 'audio' ? 1111 : 2222) {
  return {
    codecs: [CODECS[kind]],
    headerExtensions: kind === 'audio' ? [AUDIO_LEVEL] : [],
    encodings: [{ ssrc }],
    rtcp: { cname: 'test' },
  };
}

/** One packet of loud opus for rtpParameters('audio'). */
function opusPacket(sequenceNumber) {
  const packet = Buffer.alloc(40);
  packet.set([0x90, 100]);
  packet.writeUInt16BE(sequenceNumber, 2);
  packet.writeUInt32BE(sequenceNumber * 960, 4);
  packet.writeUInt32BE(1111, 8);
  packet.set([0xbe, 0xde, 0, 1, AUDIO_LEVEL.id << 4, 0x80 | 10, 0, 0], 12);
  return packet;
}

/** Sends loud audio to a plain transport until the result is called. */
function sendAudio({ ip, port }) {
  const socket = dgram.createSocket('udp4');
  let sequenceNumber = 0;
  const timer = setInterval(() => socket.send(opusPacket(++sequenceNumber), port, ip), 20);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

module.exports = {
  Client, PROTOCOLS, ServerProcess, handshake, inEveryDialect, rtpParameters, sendAudio, until, useServer,
};
