// Authority: makes TLS certificates for tests.
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <string>

#include "cosoup/glib/ref.hpp"
#include "support/catch.hpp"

namespace cosoup::test {

/// A certificate authority in a folder of its own, made with the openssl program.
class Authority {
 public:
  Authority() {
    char* folder = g_dir_make_tmp("cosoup-tls-XXXXXX", nullptr);
    folder_ = folder;
    g_free(folder);
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test-ca "
        "-keyout ca.key -out ca.pem");
  }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority() {
    for (const char* name : {"ca.key", "ca.pem", "s.key", "s.pem", "s.csr", "s.ext"}) {
      g_unlink(path(name).c_str());
    }
    g_rmdir(folder_.c_str());
  }

  std::string caFile() const { return path("ca.pem"); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// Of a server that goes by `name` ("IP:127.0.0.1", "DNS:host").
  Ref<GTlsCertificate> certificate(const std::string& name, int days = 1) const {
    const std::string extension = "subjectAltName=" + name + "\n";
    g_file_set_contents(path("s.ext").c_str(), extension.c_str(), -1, nullptr);
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server "
        "-keyout s.key -out s.csr");
    openssl(
        "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -set_serial 2 -extfile s.ext -out s.pem "
        "-days " +
        std::to_string(days));
    GTlsCertificate* certificate =
        g_tls_certificate_new_from_files(path("s.pem").c_str(), path("s.key").c_str(), nullptr);
    REQUIRE(certificate);
    return Ref<GTlsCertificate>::adopt(certificate);
  }

 private:
  void openssl(const std::string& arguments) const {
    char** argv = g_strsplit(("openssl " + arguments).c_str(), " ", -1);
    int status = -1;
    g_spawn_sync(folder_.c_str(), argv, nullptr,
                 static_cast<GSpawnFlags>(G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                                          G_SPAWN_STDERR_TO_DEV_NULL),
                 nullptr, nullptr, nullptr, nullptr, &status, nullptr);
    g_strfreev(argv);
    REQUIRE(status == 0);
  }

  std::string folder_;
};

}  // namespace cosoup::test
