#include "support/resources.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "support/eventually.hpp"
#include "support/open_files.hpp"
#include "support/room_server.hpp"

namespace cosoup::test {
namespace {

std::string nameOf(const std::filesystem::path& link) {
  std::error_code gone;  // such as the one of the listing itself
  return std::filesystem::read_symlink(link, gone).string();
}

std::string threadNames() {
  std::string names;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    char* text = nullptr;
    const std::string path = task.path().string() + "/comm";
    if (!g_file_get_contents(path.c_str(), &text, nullptr, nullptr)) continue;
    names += std::string(" ") + g_strchomp(text);
    g_free(text);
  }
  return names;
}

}  // namespace

Resources Resources::now() {
  g_thread_pool_stop_unused_threads();
  Resources result;
  for (const auto& link : std::filesystem::directory_iterator("/proc/self/fd")) {
    const std::string target = nameOf(link.path());
    if (!target.empty()) result.files[link.path().filename().string()] = target;
  }
  result.threads = runningThreads();
  return result;
}

Task<Resources> Resources::settled() {
  constexpr std::chrono::milliseconds interval{100};
  Resources result = now();
  for (int same = 0; same < 10; ++same) {
    co_await sleepFor(interval);
    Resources next = now();
    if (next.files.size() != result.files.size() || next.threads != result.threads) same = 0;
    result = std::move(next);
  }
  co_return result;
}

Task<bool> Resources::areEnough() const {
  const Resources present = now();
  co_return present.files.size() <= files.size() && present.threads <= threads;
}

Task<> Resources::areGivenBack() const {
  const Resources self = *this;
  try {
    co_await eventually("all is given back", [&] { return self.areEnough(); });
    co_return;
  } catch (const Error&) {  // told below
  }
  const Resources present = now();
  std::string left = "left behind: " + std::to_string(present.threads - self.threads) +
                     " more threads of" + threadNames() + "; files";
  for (const auto& [descriptor, target] : present.files) {
    const auto before = self.files.find(descriptor);
    if (before == self.files.end() || before->second != target) left += " " + target;
  }
  throw Error(Error::Code::Timeout, left);
}

}  // namespace cosoup::test
