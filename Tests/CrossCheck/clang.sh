# Sets `clang`: the compiler that CLANG names, or the one beside swift, or any.
clang="${CLANG:-}"
if [[ -z "$clang" ]]; then
    clang=clang
    if swift="$(command -v swift)"; then
        beside="$(dirname "$(readlink -f "$swift")")/clang"
        if [[ -x "$beside" ]]; then clang="$beside"; fi
    fi
fi
