'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const ALWAYS = ['IP:127.0.0.1', 'IP:::1', 'DNS:localhost'];

const alternativeName = (name) => `${net.isIP(name) ? 'IP' : 'DNS'}:${name}`;

function makeCertificate(certFile, keyFile, served) {
  const names = new Set([...ALWAYS, ...served.map(alternativeName)]);
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', keyFile, '-out', certFile, '-days', '365', '-subj', '/CN=localhost',
    '-addext', `subjectAltName=${[...names].join(',')}`,
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/**
 * Returns {cert, key} in PEM for the server. With a directory the pair is kept there, so that a
 * client can be given cert.pem as its own CA; without, the files live only for this call.
 */
function loadCertificate({ certDir, host, domain = host }) {
  const dir = certDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'room-server-'));
  const certFile = path.join(dir, 'cert.pem');
  const keyFile = path.join(dir, 'key.pem');
  try {
    fs.mkdirSync(dir, { recursive: true });
    if (!fs.existsSync(certFile) || !fs.existsSync(keyFile)) makeCertificate(certFile, keyFile, [host, domain]);
    return { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) };
  } finally {
    if (!certDir) fs.rmSync(dir, { recursive: true, force: true });
  }
}

module.exports = { loadCertificate };
