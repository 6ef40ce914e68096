'use strict';

const { log } = require('./log');

/** What clients sent without an answer in which they could have been told that it was wrong. */
class Ledger {
  /** What the real server would have died of. */
  fatal = [];
  /** What came to nothing. */
  ignored = [];

  died(what) {
    this.fatal.push(what);
    log(`FATAL: the demo's server would have died: ${what}`);
  }

  ignore(what) {
    this.ignored.push(what);
    log(`ignored: ${what}`);
  }
}

module.exports = { Ledger };
