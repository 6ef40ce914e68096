#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "support/quark_tables.hpp"
