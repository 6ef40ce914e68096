'use strict';

// stdout carries the one "listening" line, so everything else goes to stderr.
function log(...words) {
  console.error(new Date().toISOString().slice(11, 23), ...words);
}

module.exports = { log };
