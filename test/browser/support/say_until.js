'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** The chat is unreliable, and what comes before its receiver is ready is lost: says it until it is heard. */
async function sayUntil(heard, say) {
  let done = false;
  const listening = heard.finally(() => { done = true; });
  while (!done) {
    await say();
    await Promise.race([listening, sleep(500)]);
  }
  return listening;
}

module.exports = { sayUntil };
