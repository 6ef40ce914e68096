// The two exceptions of the library: Error (something went wrong) and Cancelled (you asked to
// stop).
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// What every failing operation throws. The text names the operation first, then the reason, and
/// reads well in one line: `produce: server rejected 'vp9' (500)`.
class COSOUP_API Error : public std::runtime_error {
 public:
  /// As coarse as a caller would act on; the detail is in the text.
  enum class Code {
    InvalidState,     ///< the object is closed, or the call comes too early or twice
    InvalidArgument,  ///< a value of the caller or of the server is missing, malformed or out of
                      ///< range
    Unsupported,      ///< no common codec, no such feature here
    Rejected,         ///< the server (or the app's own handler) said no; see errorCode()
    Disconnected,     ///< the connection could not be made or was lost
    Untrusted,        ///< the other side could not prove who it is; trying again does not help
    Timeout,          ///< no answer in time
    Media,            ///< GStreamer could not do it
  };

  Error(Code code, const std::string& text, int errorCode = 0)
      : std::runtime_error(text), code_(code), errorCode_(errorCode) {}

  Code code() const noexcept { return code_; }

  /// The server's number for a Rejected error (protoo's `errorCode`), else 0.
  int errorCode() const noexcept { return errorCode_; }

  /// The same error, seen from the operation in which it happened: "operation: text".
  Error within(const std::string& operation) const {
    return Error(code_, operation + ": " + what(), errorCode_);
  }

 private:
  Code code_;
  int errorCode_;
};

/// Thrown out of an await whose stop token was triggered. Deliberately not an Error, so that
/// `catch (const Error&)` does not swallow it.
class COSOUP_API Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace cosoup
