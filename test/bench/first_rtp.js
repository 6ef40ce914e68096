'use strict';

// To be preloaded into the room server: tells the parent process when the first RTP packet of each
// producer has arrived, on the machine's monotonic clock. Two reports of mediasoup are listened to,
// and the first counts: the RTP trace, which begins a little after the producer does, and the first
// score. Whatever comes before the server knows the producer is dropped by it, and is rightly not
// the first packet.

const mediasoup = require('mediasoup');

function watchProducer(producer) {
  let reported = false;
  const report = () => {
    if (reported) return;
    reported = true;
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    process.send({ producerId: producer.id, atMs });
    producer.enableTraceEvent([]).catch(() => {});
  };
  producer.on('trace', report);
  producer.on('score', report);
  producer.enableTraceEvent(['rtp']).catch(() => {});
}

mediasoup.observer.on('newworker', (worker) =>
  worker.observer.on('newrouter', (router) =>
    router.observer.on('newtransport', (transport) =>
      transport.observer.on('newproducer', watchProducer))));
