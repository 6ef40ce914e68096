// The demo's protocol gives SCTP to those who name these; mediasoup and the browser agree on the
// numbers by themselves.
export const SCTP_CAPABILITIES = { numStreams: { OS: 1024, MIS: 1024 } };
