'use strict';

// How long anything may take on a machine that is busy with something else.
module.exports = { PATIENCE_MS: 30000 };
