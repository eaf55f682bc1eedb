// manifest.json.minisig: a detached Ed25519 signature in minisign's format, made and verified by minisign itself. Here
// only its key id is read, so that "unsigned" and "signed" are states that anyone sees.
#pragma once

#include <string>
#include <string_view>

namespace geomsu {

// Sixteen hexadecimal digits as minisign prints them. Error kBadData where the file is no minisign signature.
std::string signature_key_id(std::string_view minisig, const std::string& where);

}  // namespace geomsu
