'use strict';

const path = require('node:path');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const readline = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');
const { Peer, WebSocketTransport } = require('protoo-client');

const MAIN = path.join(__dirname, '..', 'src', 'main.js');
const PATIENCE_MS = 5000;

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
    server.url = await server.#listening();
    return server;
  }

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

  async http(method, resource, body) {
    const response = await fetch(`${this.httpUrl}${resource}`,
      { method, body: body === undefined ? undefined : JSON.stringify(body) });
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

/** A protoo client that remembers what it was told. */
class Client {
  static async connect(server, roomId, peerId, query = '') {
    const transport = new WebSocketTransport(`${server.url}/?roomId=${roomId}&peerId=${peerId}${query}`);
    const client = new Client(new Peer(transport));
    await once(client.protoo, 'open');
    return client;
  }

  notifications = [];
  requests = [];
  /** What the client answers to the server's requests; an Error refuses. */
  answer = {};

  constructor(protoo) {
    this.protoo = protoo;
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

  createTransport(direction, more = {}) {
    return this.request('createWebRtcTransport', {
      forceTcp: false, producing: direction === 'send', consuming: direction === 'recv',
      sctpCapabilities: { numStreams: { OS: 1024, MIS: 1024 } }, ...more,
    });
  }

  /** Transports both ways, then join; afterwards `send` and `recv` are the transports. */
  async join(displayName = 'Anna') {
    const rtpCapabilities = await this.request('getRouterRtpCapabilities');
    this.send = await this.createTransport('send');
    this.recv = await this.createTransport('recv');
    return this.request('join', {
      displayName, device: { flag: 'test', name: 'test', version: '1' },
      rtpCapabilities, sctpCapabilities: { numStreams: { OS: 1024, MIS: 1024 } },
    });
  }

  async produce(kind = 'audio') {
    const { id } = await this.request('produce', {
      transportId: this.send.id, kind, rtpParameters: rtpParameters(kind), appData: { source: 'test' } });
    return id;
  }

  async produceData(label, streamId = 0) {
    const { id } = await this.request('produceData', {
      transportId: this.send.id, label, protocol: 'p', appData: { info: label },
      sctpStreamParameters: { streamId, ordered: false, maxRetransmits: 1 } });
    return id;
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

module.exports = { Client, ServerProcess, opusPacket, rtpParameters, until };
