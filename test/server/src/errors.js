'use strict';

/** An answer other than success, with its protoo error code or HTTP status. */
class RefusedError extends Error {
  constructor(code, reason) {
    super(reason);
    this.code = code;
  }
}

module.exports = { RefusedError };
