'use strict';

const startBitrate = { 'x-google-start-bitrate': 1000 };

const video = (name, parameters = {}) => ({
  kind: 'video',
  mimeType: `video/${name}`,
  clockRate: 90000,
  parameters: { ...parameters, ...startBitrate },
});

const h264 = (profileLevelId) => video('H264', {
  'packetization-mode': 1,
  'profile-level-id': profileLevelId,
  'level-asymmetry-allowed': 1,
});

/** The demo server's codecs plus VP9 profile 0, which is what encoders send by default. */
function routerCodecs({ pcmu, av1 }) {
  const codecs = [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
    video('VP8'),
    video('VP9', { 'profile-id': 0 }),
    video('VP9', { 'profile-id': 2 }),
    h264('4d0032'),
    h264('42e01f'),
  ];
  if (pcmu) codecs.push({ kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000, channels: 1 });
  if (av1) codecs.push(video('AV1'));
  return codecs;
}

module.exports = { routerCodecs };
