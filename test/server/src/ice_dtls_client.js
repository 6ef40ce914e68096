'use strict';

const crypto = require('node:crypto');
const dgram = require('node:dgram');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');

const STUN_COOKIE = 0x2112a442;
const FINGERPRINT_XOR = 0x5354554e;
const RETRY_MS = 100;

function stunAttribute(type, value) {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function stunMessage(transactionId, attributes, bytesToCome) {
  const body = Buffer.concat(attributes);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt16BE(body.length + bytesToCome, 2);
  header.writeUInt32BE(STUN_COOKIE, 4);
  return Buffer.concat([header, transactionId, body]);
}

/** A nominating ICE check, signed with the server's password. */
function bindingRequest({ usernameFragment, password }) {
  const transactionId = crypto.randomBytes(12);
  const attributes = [
    stunAttribute(0x0006, Buffer.from(`${usernameFragment}:probe`)),
    stunAttribute(0x0024, Buffer.from([0x6e, 0x00, 0x01, 0xff])),
    stunAttribute(0x802a, crypto.randomBytes(8)),
    stunAttribute(0x0025, Buffer.alloc(0)),
  ];
  const signature = crypto.createHmac('sha1', password)
    .update(stunMessage(transactionId, attributes, 24)).digest();
  attributes.push(stunAttribute(0x0008, signature));
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((zlib.crc32(stunMessage(transactionId, attributes, 8)) ^ FINGERPRINT_XOR) >>> 0);
  attributes.push(stunAttribute(0x8028, checksum));
  return stunMessage(transactionId, attributes, 0);
}

const isStun = (packet) => packet[0] < 4;

/**
 * The least WebRTC client there is: answers for ICE itself and leaves DTLS to `openssl s_client`, whose
 * UDP it carries. Enough to bring a WebRtcTransport to 'connected' without a WebRTC library.
 */
class IceDtlsClient {
  #dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ice-dtls-'));
  #server = dgram.createSocket('udp4');
  #local = dgram.createSocket('udp4');
  #openssl;
  #timer;

  constructor() {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
      '-nodes', '-subj', '/CN=probe', '-keyout', this.#file('key.pem'), '-out', this.#file('cert.pem')],
    { stdio: 'ignore' });
  }

  get dtlsParameters() {
    const { fingerprint256 } = new crypto.X509Certificate(fs.readFileSync(this.#file('cert.pem')));
    return { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint256 }] };
  }

  /** Starts ICE and DTLS with a transport; the transport's own state tells how far they got. */
  async start({ iceParameters, iceCandidates }) {
    const { ip, port } = iceCandidates.find(({ protocol }) => protocol === 'udp');
    const check = () => this.#server.send(bindingRequest(iceParameters), port, ip);
    let peerPort;
    this.#server.on('message', (packet) => {
      if (!isStun(packet) && peerPort) this.#local.send(packet, peerPort, '127.0.0.1');
      if (isStun(packet) && !this.#openssl) this.#startDtls();
    });
    this.#local.on('message', (packet, from) => {
      peerPort = from.port;
      this.#server.send(packet, port, ip);
    });
    this.#local.bind(0, '127.0.0.1');
    await once(this.#local, 'listening');
    check();
    this.#timer = setInterval(check, RETRY_MS);
  }

  /** Says goodbye: a DTLS close_notify, which openssl sends at the end of its input. */
  endDtls() {
    this.#openssl.stdin.end();
  }

  /** Stops answering, without a DTLS goodbye: what a client that lost its network looks like. */
  close() {
    clearInterval(this.#timer);
    this.#openssl?.kill('SIGKILL');
    this.#server.close();
    this.#local.close();
    fs.rmSync(this.#dir, { recursive: true, force: true });
  }

  #file(name) {
    return path.join(this.#dir, name);
  }

  #startDtls() {
    this.#openssl = spawn('openssl', ['s_client', '-dtls1_2',
      '-connect', `127.0.0.1:${this.#local.address().port}`,
      '-cert', this.#file('cert.pem'), '-key', this.#file('key.pem'),
      '-use_srtp', 'SRTP_AES128_CM_SHA1_80'], { stdio: ['pipe', 'ignore', 'ignore'] });
  }
}

module.exports = { IceDtlsClient };
