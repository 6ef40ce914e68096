'use strict';

const { RefusedError } = require('./errors');
const { log } = require('./log');
const { ACTIONS } = require('./peer_actions');

const asItIs = (data) => data;

function entryOf(table, method) {
  return Object.hasOwn(table, method) ? table[method] : undefined;
}

/** Does what a message asks for, and gives what comes of it. */
function act(room, peer, { method, data }, { action = method, afterJoin, read = asItIs }, answer) {
  if (afterJoin && !peer.joined) throw peer.dialect.errors.notJoined();
  return ACTIONS[action]({ room, peer, answer }, read(data, peer));
}

function note(room, peer, { method, data }) {
  if (room.options.verbose) log(`${peer.id}: ${method} ${JSON.stringify(data)}`);
}

/** Answers one protoo request, exactly once unless the dialect has it otherwise. */
async function answerRequest(room, peer, request, accept, reject) {
  note(room, peer, request);
  const { method } = request;
  const entry = entryOf(peer.dialect.requests, method);
  if (!entry) {
    log(`${peer.id}: unknown request ${method}`);
    for (const [code, reason] of peer.dialect.unknownRequest(method)) reject(code, reason);
    return;
  }
  const { write = asItIs } = entry;
  let answered = false;
  const answer = (result) => {
    if (answered) return;
    answered = true;
    accept(result === undefined ? undefined : write(result));
  };
  try {
    answer(await act(room, peer, request, entry, answer));
  } catch (error) {
    log(`${peer.id}: ${method} failed: ${error.message}`);
    if (!answered) reject(error instanceof RefusedError ? error.code : 500, error.message);
  }
}

/** Takes one protoo notification. The sender hears nothing of it; what went wrong is in the ledger. */
async function takeNotification(room, peer, notification) {
  note(room, peer, notification);
  const { method, data } = notification;
  const describe = (reason) => `${peer.id}: ${method} ${JSON.stringify(data)}: ${reason}`;
  const entry = entryOf(peer.dialect.notifications, method);
  let outcome;
  try {
    if (!entry) throw new Error('unknown notification');
    outcome = act(room, peer, notification, entry);
  } catch (error) {
    room.ledger.ignore(describe(error.message));
    return;
  }
  try {
    await outcome;
    const reason = entry.kills?.(data);
    if (reason) throw new Error(reason);
  } catch (error) {
    room.ledger.died(describe(error.message));
  }
}

module.exports = { answerRequest, takeNotification };
