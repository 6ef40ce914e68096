'use strict';

const { Room } = require('./room');

/** The open rooms by id; a room is made when it is first named and forgotten when it closes. */
class Rooms {
  #context;
  #rooms = new Map();

  /** `context` is {engine, options, throttle, ledger}. */
  constructor(context) {
    this.#context = context;
  }

  get all() {
    return [...this.#rooms.values()];
  }

  /** Only the first caller's `consumerReplicas` counts. */
  async getOrCreate(id, consumerReplicas = 0) {
    const existing = this.#rooms.get(id);
    if (existing) return existing;
    const room = await this.#creating(id, consumerReplicas);
    return room.closed ? this.getOrCreate(id, consumerReplicas) : room;
  }

  get(id) {
    return this.#rooms.get(id);
  }

  close() {
    for (const room of this.all) room.close();
  }

  #pending = new Map();

  #creating(id, consumerReplicas) {
    if (!this.#pending.has(id)) {
      const creation = Room.create({ id, consumerReplicas, ...this.#context })
        .then((room) => this.#add(room))
        .finally(() => this.#pending.delete(id));
      this.#pending.set(id, creation);
    }
    return this.#pending.get(id);
  }

  #add(room) {
    this.#rooms.set(room.id, room);
    room.once('close', () => this.#rooms.delete(room.id));
    return room;
  }
}

module.exports = { Rooms };
