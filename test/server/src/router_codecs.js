'use strict';

const startBitrate = { 'x-google-start-bitrate': 1000 };

const video = (name, parameters = {}) => ({
  kind: 'video',
  mimeType: `video/${name}`,
  clockRate: 90000,
  parameters: { ...parameters, ...startBitrate },
});

const h264 = (profileLevelId, packetizationMode = 1) => video('H264', {
  'packetization-mode': packetizationMode,
  'profile-level-id': profileLevelId,
  'level-asymmetry-allowed': 1,
});

const g711 = (name) => ({ kind: 'audio', mimeType: `audio/${name}`, clockRate: 8000, channels: 1 });

/** What `--codecs` knows, by name. */
const CODECS = {
  'opus': { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
  'pcmu': g711('PCMU'),
  'pcma': g711('PCMA'),
  'vp8': video('VP8'),
  'vp9': video('VP9', { 'profile-id': 0 }),
  'vp9-profile2': video('VP9', { 'profile-id': 2 }),
  'h264': h264('42e01f'),
  'h264-mode0': h264('42e01f', 0),
  'h264-main': h264('4d0032'),
  'h264-high': h264('640032'),
  'av1': video('AV1'),
};

/** The demo server's codecs plus VP9 profile 0, which is what encoders send by default. */
const DEFAULT_CODECS = ['opus', 'vp8', 'vp9', 'vp9-profile2', 'h264-main', 'h264'];

/** The codecs that `--codecs` asks for, in that order, or the default ones. */
function routerCodecs({ codecs, pcmu, av1 }) {
  const names = [...(codecs ?? DEFAULT_CODECS)];
  if (pcmu) names.push('pcmu');
  if (av1) names.push('av1');
  return names.map((name) => CODECS[name]);
}

module.exports = { CODEC_NAMES: Object.keys(CODECS), routerCodecs };
