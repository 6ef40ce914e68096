// The part of the libsrtp 3 API that mediasoup uses, on top of Debian's libsrtp 2.5.
#pragma once
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t
#include <cstddef>
#include <cstdint>
#include <cstring>

constexpr srtp_err_status_t srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr srtp_err_status_t srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

#ifdef SRTP3_OPAQUE_POLICY
struct srtp3_policy_st
{
	srtp2_policy_t p;
	uint8_t key[SRTP_MAX_KEY_LEN];
};
typedef srtp3_policy_st* srtp_policy_t;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy          = new srtp3_policy_st();
	(*policy)->p.key = (*policy)->key;
	return srtp_err_status_ok;
}
inline void srtp_policy_destroy(srtp_policy_t policy) { delete policy; }
inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->p.ssrc = ssrc;
	return srtp_err_status_ok;
}
inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const srtp_err_status_t err = srtp_crypto_policy_set_from_profile_for_rtp(&policy->p.rtp, profile);
	if (err != srtp_err_status_ok)
		return err;
	return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->p.rtcp, profile);
}
inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy, const uint8_t* key, size_t keyLen, const uint8_t* salt, size_t saltLen, const uint8_t*, size_t mkiLen)
{
	if (keyLen + saltLen > sizeof(policy->key) || mkiLen != 0)
		return srtp_err_status_bad_param;
	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	return srtp_err_status_ok;
}
inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->p.allow_repeat_tx = allow ? 1 : 0;
	return srtp_err_status_ok;
}
inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->p.window_size = size;
	return srtp_err_status_ok;
}
inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	return srtp_create(session, &policy->p);
}
#else
typedef srtp2_policy_t srtp_policy_t;
#endif

#define SRTP3_WRAP(name, trailer)                                                               \
	inline srtp_err_status_t name(                                                                   \
	  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)                     \
	{                                                                                                \
		if (*outLen < inLen + (trailer))                                                               \
			return srtp_err_status_buffer_small;                                                         \
		if (out != in)                                                                                 \
			std::memmove(out, in, inLen);                                                                \
		int len                     = static_cast<int>(inLen);                                         \
		const srtp_err_status_t err = name(ctx, static_cast<void*>(out), &len);                        \
		if (err == srtp_err_status_ok)                                                                 \
			*outLen = static_cast<size_t>(len);                                                          \
		return err;                                                                                    \
	}
SRTP3_WRAP(srtp_protect, SRTP_MAX_TRAILER_LEN)
SRTP3_WRAP(srtp_protect_rtcp, SRTP_MAX_TRAILER_LEN + 4)
SRTP3_WRAP(srtp_unprotect, 0)
SRTP3_WRAP(srtp_unprotect_rtcp, 0)
#undef SRTP3_WRAP
inline srtp_err_status_t srtp_protect(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t)
{
	return srtp_protect(ctx, in, inLen, out, outLen);
}
inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t)
{
	return srtp_protect_rtcp(ctx, in, inLen, out, outLen);
}
