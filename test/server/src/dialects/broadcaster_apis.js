'use strict';

const demo2024 = require('./demo_2024_http');
const demo2025 = require('./demo_2025_http');

/** The HTTP APIs for broadcasters of the DIALECTS: (rooms, expectedOrigin) => a group for serveRoutes(). */
const BROADCASTER_APIS = { 2024: demo2024.broadcasterRoutes, 2025: demo2025.broadcasterRoutes };

module.exports = { BROADCASTER_APIS };
