#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
#   bash verify.sh NETWORK-ID [FOLDER]
#
# Checks the evidence bundle unpacked in FOLDER, with bash 4.4, coreutils and openssl 3.0 and nothing else: no
# network, no secret, no other program. Without FOLDER it is the one folder with a bundle among the current one and
# that of this script; where both have one, it has to be named. NETWORK-ID (64 hex digits) comes from elsewhere,
# for example from paper. Exit 0: verified; 6: something is false; 7: something needed is missing.
#
# What it cannot do: ML-DSA-44 signatures (beside each Ed25519 one on documents, and the anchor), and the root
# over all fields of a wholly disclosed notice. It says so; `fanal audit verify BUNDLE.zip` does both. That one
# also refuses Ed25519 keys of mixed order, for which no openssl command looks.
# Nothing that it reads is ever run: values are hex digits, numbers and words whose letters have been checked.
set -u
export LC_ALL=C
unset OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES CDPATH GLOBIGNORE
IFS=$' \t\n'
umask 077
shopt -s nullglob dotglob globstar
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
    echo 'undecided  bash 4.4 or newer is needed'
    exit 7
fi
# A script of one's own, started in a stranger's bundle, must never answer for the bundle that it came with.
HERE=$(dirname -- "${BASH_SOURCE[0]}")
if (($# > 1)); then
    HERE=$2
elif [[ -f bundle.txt && -f SHA256SUMS && ! . -ef $HERE ]]; then
    if [[ -f $HERE/bundle.txt ]]; then
        echo 'undecided  bundle.form: this folder and that of verify.sh hold a bundle each: verify.sh ID FOLDER'
        echo 'VERDICT: UNDECIDED'
        exit 7
    fi
    HERE=.
fi
cd -- "$HERE" || exit 7
TMP=$(mktemp -d) || exit 7
trap 'rm -rf -- "$TMP"' EXIT

FAILED=0 OPEN=0 TAKEN=
passed() { printf 'passed     %s%s\n' "$1" "${2:+: ${2//[^ -~]/?}}"; }
failed() {
    FAILED=1
    printf 'FAILED     %s%s\n' "$1" "${2:+: ${2//[^ -~]/?}}"
}
undecided() { # name, why, "needed" when the verdict depends on it
    [[ ${3-} == needed ]] && OPEN=1
    printf 'undecided  %s%s\n' "$1" "${2:+: ${2//[^ -~]/?}}"
}
finish() {
    [[ -z $TAKEN ]] || echo 'Its author has withdrawn this notice (withdrawal.names).'
    if ((FAILED)); then
        echo 'VERDICT: FAILED - do not rely on this bundle'
        exit 6
    elif ((OPEN)); then
        echo 'VERDICT: UNDECIDED - neither proven nor false as long as something needed is missing'
        exit 7
    fi
    echo 'VERDICT: PASSED - what this bundle shows is proven; undecided lines name what it does not show'
    exit 0
}
stop() {
    failed "$@"
    finish
}

# --- bytes ----------------------------------------------------------------------------------------
# Results are left in R: a subshell for each would cost more than the hashes.

hexof() {
    R=
    [[ ! -f $1 ]] || R=$(od -An -v -tx1 -w65536 -- "$1")
    printf -v R '%s' $R
}
bin() { # hex digits to bytes
    local i s= h=$1
    for ((i = 0; i + 16 <= ${#h}; i += 16)); do
        s+="\\x${h:i:2}\\x${h:i+2:2}\\x${h:i+4:2}\\x${h:i+6:2}"
        s+="\\x${h:i+8:2}\\x${h:i+10:2}\\x${h:i+12:2}\\x${h:i+14:2}"
    done
    for (( ; i < ${#h}; i += 2)); do s+="\\x${h:i:2}"; done
    printf '%b' "$s"
}
sha() {
    bin "$1" >"$TMP/hashed"
    R=$(sha256sum -- "$TMP/hashed")
    R=${R:0:64}
}
shafile() { # hex digits to go first, file
    if [[ -z $1 ]]; then
        R=$(sha256sum -- "$2")
    else
        bin "$1" >"$TMP/hashed"
        cat -- "$2" >>"$TMP/hashed"
        R=$(sha256sum -- "$TMP/hashed")
    fi
    R=${R:0:64}
}
B64=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/
declare -A SEXTET=() UNBASED=()
for ((i = 0; i < 64; i++)); do SEXTET[${B64:i:1}]=$i; done
unbase64() { # strict standard Base 64 to hex digits
    local i n s= h t=$1
    R=${UNBASED[${t:-=}]-}
    [[ -z $R ]] || return 0
    if ((${#t} > 400)); then
        printf '%s' "$t" | base64 -d >"$TMP/blob" 2>/dev/null || return 1
        hexof "$TMP/blob"
        return 0
    fi
    [[ $t =~ ^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$ ]] || return 1
    for ((i = 0; i < ${#t}; i += 4)); do
        n=$((${SEXTET[${t:i:1}]} << 18 | ${SEXTET[${t:i+1:1}]} << 12))
        [[ ${t:i+2:1} == = ]] || n=$((n | ${SEXTET[${t:i+2:1}]} << 6))
        [[ ${t:i+3:1} == = ]] || n=$((n | ${SEXTET[${t:i+3:1}]}))
        printf -v h '%06x' "$n"
        s+=$h
    done
    case $t in
        *==) [[ ${s: -4} == 0000 ]] && s=${s:0:-4} || return 1 ;;
        *=) [[ ${s: -2} == 00 ]] && s=${s:0:-2} || return 1 ;;
    esac
    UNBASED[${t:-=}]=$s
    R=$s
}
asciihex() {
    local i c s=
    for ((i = 0; i < ${#1}; i++)); do
        printf -v c '%02x' "'${1:i:1}"
        s+=$c
    done
    R=$s
}
text() { # hex digits to printable ASCII, other bytes as ?
    local i c s=
    for ((i = 0; i < ${#1}; i += 2)); do
        c=$((16#${1:i:2}))
        if ((c >= 32 && c < 127)); then
            printf -v c '%b' "\\x${1:i:2}"
            s+=$c
        else
            s+='?'
        fi
    done
    R=$s
}
be64() { printf -v R '%016x' "$1"; }
prefixed() { # hex digits behind their length in eight bytes
    be64 $((${#1} / 2))
    R=$R$1
}
number() { [[ $1 =~ ^(0|[1-9][0-9]{0,17})$ ]]; }
moment() { if number "$1"; then R=$(date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ); else R='?'; fi; }
declare -A SIZES=()
size() {
    R=${SIZES[$1]-}
    if [[ -z $R ]]; then
        R=$(wc -c <"$1")
        R=${R//[^0-9]/}
    fi
}

# A protobuf message: F numbers, V values (hex digits of a field with a length, else a decimal), O and N the
# place of the value in bytes. Only what our own messages use.
varint() { # reads at i in h, into v
    local b s=0
    v=0
    while :; do
        ((i < n && s < 63)) || return 1
        b=$((16#${h:i:2}))
        i=$((i + 2))
        v=$((v | (b & 127) << s))
        s=$((s + 7))
        ((b & 128)) || return 0
    done
}
pb() {
    local h=$1 i=0 n=${#1} v t
    F=() V=() O=() N=()
    while ((i < n)); do
        varint || return 1
        t=$v
        varint || return 1
        case $((t & 7)) in
            0) V+=("$v") O+=(0) N+=(0) ;;
            2)
                ((v >= 0 && v <= n && i + 2 * v <= n)) || return 1
                V+=("${h:i:2*v}") O+=($((i / 2))) N+=("$v")
                i=$((i + 2 * v))
                ;;
            *) return 1 ;;
        esac
        F+=($((t >> 3)))
    done
}
get() { # the one value of a field, or nothing; twice is refused
    local i found=0
    R=
    for i in "${!F[@]}"; do
        if ((F[i] == $1)); then
            R=${V[i]}
            found=$((found + 1))
        fi
    done
    ((found < 2)) || R=twice
}
all() { # every value of a field, in A
    local i
    A=()
    for i in "${!F[@]}"; do ((F[i] == $1)) && A+=("${V[i]}"); done
    return 0
}

# --- signatures -----------------------------------------------------------------------------------

strong() { # an Ed25519 key that is canonical and not of small order: under those any message verifies
    local y
    [[ $1 =~ ^[0-9a-f]{64}$ ]] || return 1
    printf -v y '%s%02x' "${1:0:62}" $((16#${1:62:2} & 127))
    case $y in
        0000000000000000000000000000000000000000000000000000000000000000 | \
            0100000000000000000000000000000000000000000000000000000000000000 | \
            26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05 | \
            c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a) return 1 ;;
        e[c-f]ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f) return 1 ;;
        f[0-9a-f]ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f) return 1 ;;
    esac
}
ed25519() { # key, signature, file with the message
    [[ $2 =~ ^[0-9a-f]{128}$ ]] && strong "$1" || return 1
    bin "302a300506032b6570032100$1" >"$TMP/key"
    bin "$2" >"$TMP/sig"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$TMP/key" -rawin -in "$3" -sigfile "$TMP/sig" \
        >/dev/null 2>&1
}
signed() { # type, file, key, signature: DSSE over the exact bytes
    local type="application/vnd.fanal.$1.v1"
    size "$2"
    {
        printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$R"
        cat -- "$2"
    } >"$TMP/pae"
    ed25519 "$3" "$4" "$TMP/pae"
}
keyid() { sha "66616e616c2f6b65792f763100${2-45443235353139}00$1"; }
document() { # file, type: the body in $TMP/body and BODY, signatures by key id in SIGNED
    local i sigs=()
    hexof "$1"
    pb "$R" || return 1
    asciihex "application/vnd.fanal.$2.v1"
    local type=$R
    get 1
    [[ $R == "$type" ]] || return 1
    get 2
    BODY=$R
    for i in "${!F[@]}"; do
        ((F[i] == 2)) && tail -c +$((O[i] + 1)) -- "$1" | head -c "${N[i]}" >"$TMP/body"
        ((F[i] == 3)) && sigs+=("${V[i]}")
    done
    SIGNED=()
    for i in ${sigs[@]+"${sigs[@]}"}; do
        pb "$i" || return 1
        get 1
        local id=$R
        get 2
        [[ $id =~ ^[0-9a-f]{64}$ && -z ${SIGNED[$id]-} ]] || return 1
        SIGNED[$id]=$R
    done
}
declare -A AGENCY=()
agency() { # hex digits of an agency id: the id
    R=${AGENCY[${1:--}]-}
    if [[ -z $R ]]; then
        text "$1"
        [[ $R =~ ^[A-Z]{2}-[A-Z0-9]{2,8}$ ]] || return 1
        AGENCY[$1]=$R
    fi
}
declare -A SIGNED=()

# --- 1. the files ---------------------------------------------------------------------------------

NAME='^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,2}$'
COUNT=0 SEEN= FILES=()
for f in **; do
    [[ -d $f && ! -L $f ]] && continue
    [[ $f =~ $NAME && -f $f && ! -L $f ]] || stop bundle.form 'a file with an odd name, or that is no file'
    FILES+=("$f")
    [[ $f == SHA256SUMS || $f == SHA256SUMS.sig ]] || SEEN+="$f"$'\n'
    COUNT=${#FILES[@]}
    ((COUNT <= 16000)) || stop bundle.form 'too many files'
done
DOC='[A-Z]{2}-[A-Z0-9]{2,8}/[0-9]{4,19}[.]doc' ITEM='manifest[.](bin|sig)|statement[.](bin|sig)|content[.]salt'
MEANT="^(SHA256SUMS([.]sig)?|README[.]txt|verify[.]sh|bundle[.]txt|chain/[0-9]{4}[.]bin|charters/[0-9]{4}[.]doc"
MEANT+="|(notice|withdrawal)/($ITEM|notice[.](bin|salt)|field[.]salt|fields[.]txt)|identities/$DOC"
MEANT+="|receipts/[0-9]{4}/(manifest[.](bin|sig)|receipts[.]bin|content[.]salt)"
MEANT+="|log/([0-9]{4}[.](leaf|tlog-proof)|checkpoint[.]note|cosigned[.]note|consistency[.]txt|$DOC))$"
for f in "${FILES[@]}"; do [[ $f =~ $MEANT ]] || stop bundle.form "$f has no meaning in a bundle"; done
counted() { # files or folders that are numbered from 1 on
    local f n=0 w
    for f in "$@"; do
        n=$((n + 1))
        printf -v w '%04d' "$n"
        f=${f%/}
        f=${f##*/}
        [[ ${f%%.*} == "$w" ]] || stop bundle.form "a file with the number $w is missing"
    done
}
for f in 'charters/*.doc' 'chain/*.bin' 'receipts/*/' 'log/*.leaf' 'log/*.tlog-proof'; do counted $f; done
[[ ! -f log/consistency.txt || -f log/cosigned.note ]] || stop bundle.form 'log/cosigned.note is missing'
ENTRIES=(log/*.leaf) PROOFS=(log/*.tlog-proof)
((${#ENTRIES[@]} > 0 && ${#ENTRIES[@]} == ${#PROOFS[@]})) || stop bundle.form 'a leaf has no proof, or a proof no leaf'
while read -r count f; do
    [[ -f $f ]] || continue
    SIZES[$f]=$count
    ((count > 0 && count <= 1050000)) || stop bundle.form "$f is empty or too large"
done < <(wc -c -- "${FILES[@]}")
for f in SHA256SUMS README.txt verify.sh bundle.txt notice/manifest.bin notice/manifest.sig log/checkpoint.note charters/0001.doc; do
    [[ -f $f ]] || stop bundle.form "$f is missing"
done
LISTED= CORE=
while read -r sum name rest; do
    [[ $sum =~ ^[0-9a-f]{64}$ && $name =~ $NAME && -z $rest ]] || stop bundle.sums 'SHA256SUMS is malformed'
    LISTED+="$name"$'\n'
    [[ $name == log/* ]] || CORE+="$sum  $name"$'\n'
done <SHA256SUMS
[[ $LISTED == "$SEEN" ]] || stop bundle.sums 'SHA256SUMS does not list exactly the files that are here'
if sha256sum --check --strict --quiet SHA256SUMS >/dev/null 2>&1; then
    passed bundle.sums "$COUNT files"
else
    failed bundle.sums 'a file is not the one that SHA256SUMS lists'
fi
EXPORTED=$(printf '%s' "$CORE" | sha256sum)
EXPORTED=${EXPORTED:0:64}
mapfile -t COVER <bundle.txt
PROVER=${COVER[1]-}
PROVER=${PROVER#prover }
[[ "${COVER[*]:2:2}" =~ ^'shows '(proof|fields|content)' language '(en|fr|ru|ar)$ ]] || stop bundle.form bundle.txt
OTHERS=()
while [[ ${COVER[-1]-} == 'also '* ]]; do
    [[ ${COVER[-1]} =~ ^also\ [0-9a-f]{64}\ (withdrawal|revision\ [1-9][0-9]{0,8}\ (issued|replaced|erased))$ ]] ||
        stop bundle.form bundle.txt
    OTHERS=("${COVER[-1]#also }" ${OTHERS[@]+"${OTHERS[@]}"})
    unset 'COVER[-1]'
done
((${#COVER[@]} >= 4 && ${#COVER[@]} <= 6 && ${#OTHERS[@]} <= 100)) || stop bundle.form bundle.txt
[[ ${COVER[5]-none} =~ ^(none|sealed [0-9a-f]{64})$ ]] || stop bundle.form bundle.txt
SEALER=${COVER[5]-}
SEALER=${SEALER#sealed }
if [[ -n $SEALER ]]; then
    [[ -f SHA256SUMS.sig ]] || stop bundle.form 'SHA256SUMS.sig is missing'
else
    [[ ! -f SHA256SUMS.sig ]] || stop bundle.form 'SHA256SUMS.sig has no meaning in this bundle'
fi
[[ ${COVER[0]} == fanal-bundle/v1 && $PROVER =~ ^[A-Z]{2}-[A-Z0-9]{2,8}$ ]] || stop bundle.form bundle.txt
asciihex "$PROVER"
PROVER=$R

# --- 2. the network and its charters ----------------------------------------------------------------

document charters/0001.doc charter || stop charters 'charter 1 is malformed'
shafile '' "$TMP/body"
NET=$R
GIVEN=${1-}
GIVEN=${GIVEN//[[:space:]]/}
if [[ -z $GIVEN ]]; then
    undecided network "no id was given; compare with the paper: $NET" needed
elif [[ ! $GIVEN =~ ^[0-9A-Fa-f]{64}$ ]]; then
    undecided network "not 64 hex digits: ${GIVEN:0:80}; compare with the paper: $NET" needed
elif [[ ${GIVEN,,} == "$NET" ]]; then
    passed network "$NET"
else
    stop network "expected $GIVEN, found $NET"
fi

declare -A CHARTER=() MEMBER=() ROOTS=() CHANNEL=() REVOKED=()
PREVIOUS= GOVERNORS=() THRESHOLD=0 NEWEST=0 QUORUM=0 MEMBERS=0
signatures() { # threshold, keys...: whether that many different keys signed $TMP/body
    local wanted=$1 key good=' ' count=0
    shift
    for key in "$@"; do
        [[ $good == *" $key "* ]] && continue
        keyid "$key"
        if [[ -n ${SIGNED[$R]-} ]]; then
            signed charter "$TMP/body" "$key" "${SIGNED[$R]}" || return 1
            good+="$key "
            count=$((count + 1))
        fi
    done
    ((wanted > 0 && count >= wanted))
}
charter() { # file
    document "$1" charter || return 1
    shafile '' "$TMP/body"
    local sha=$R version threshold governors=() one ed ml name members=0
    pb "$BODY" || return 1
    get 3
    version=$R
    number "$version" || return 1
    ((version == NEWEST + 1)) || return 2
    get 4
    [[ $R == "$PREVIOUS" ]] || return 1
    get 1
    if ((version == 1)); then [[ -z $R ]] || return 1; else [[ $R == "$NET" ]] || return 1; fi
    get 7
    threshold=$R
    number "$threshold" || return 1
    get 11
    local quorum=$R
    all 8
    local people=(${A[@]+"${A[@]}"})
    all 9
    local channels=(${A[@]+"${A[@]}"})
    all 13
    local gone=(${A[@]+"${A[@]}"})
    for one in ${people[@]+"${people[@]}"}; do
        pb "$one" || return 1
        get 1
        name=$R
        agency "$name" || return 1
        get 2
        ed=$R
        get 3
        ml=$R
        get 4
        local governor=$R
        pb "$ed" || return 1
        get 2
        ed=$R
        pb "$ml" || return 1
        get 2
        ml=$R
        [[ $governor == 1 ]] && governors+=("$ed")
        MEMBER["$version $name"]=1
        ROOTS["$name $ed $ml"]=1
        members=$((members + 1))
    done
    for one in ${channels[@]+"${channels[@]}"}; do
        pb "$one" || return 1
        get 1
        name=$R
        all 2
        CHANNEL["$version $name"]=" ${A[*]-} "
    done
    for one in ${gone[@]+"${gone[@]}"}; do
        pb "$one" || return 1
        get 2
        pb "$R" || return 1
        get 3
        local id=$R
        get 4
        number "$R" || return 1
        ((${REVOKED[$id]:-$R} < R)) || REVOKED[$id]=$R
    done
    if ((version > 1)); then
        signatures "$THRESHOLD" ${GOVERNORS[@]+"${GOVERNORS[@]}"} || return 1
    fi
    signatures "$threshold" ${governors[@]+"${governors[@]}"} || return 1
    QUORUM=0
    if [[ -n $quorum ]]; then
        pb "$quorum" || return 1
        get 1
        QUORUM=${R:-0}
    fi
    CHARTER[$version]=$sha
    PREVIOUS=$sha NEWEST=$version THRESHOLD=$threshold GOVERNORS=(${governors[@]+"${governors[@]}"})
    MEMBERS=$members
}
for f in charters/*.doc; do
    charter "$f"
    case $? in
        0) ;;
        2)
            undecided charters "$f is no next version: a fork? use fanal audit verify" needed
            finish
            ;;
        *) stop charters "$f does not follow the charter before it" ;;
    esac
done
passed charters "version $NEWEST, Ed25519 signatures of the governors"
undecided charters.ml-dsa 'openssl 3.0 does not know ML-DSA-44'
((QUORUM > 0)) || QUORUM=$((MEMBERS - 1 < 2 ? MEMBERS - 1 : 2))

# --- 3. identities ----------------------------------------------------------------------------------

declare -A KEY=() RIGHTS=() SERIAL=() CREATED=() LAST=()
LOGS=() WITNESSES=()
identity() { # file, agency and serial as the file's name has them
    document "$1" identity || return 1
    local name serial ed ml previous entry use id officer origin public algorithm role
    shafile '' "$TMP/body"
    local sha=$R
    pb "$BODY" || return 1
    get 1
    name=$R
    agency "$name" || return 1
    get 2
    serial=$R
    number "$serial" || return 1
    get 3
    previous=$R
    text "$name"
    printf -v R '%s/%04d' "$R" "$serial"
    [[ $R == "$2" ]] || return 1
    [[ -z ${SERIAL["$name $((serial - 1))"]-} || ${SERIAL["$name $((serial - 1))"]} == "$previous" ]] || return 1
    SERIAL["$name $serial"]=$sha
    get 4
    number "$R" || return 1
    CREATED["$name $serial"]=$R
    get 6
    ed=$R
    get 7
    ml=$R
    all 12
    local entries=(${A[@]+"${A[@]}"})
    pb "$ed" || return 1
    get 2
    ed=$R
    pb "$ml" || return 1
    get 2
    ml=$R
    [[ -n ${ROOTS["$name $ed $ml"]-} ]] || return 1
    keyid "$ed"
    signed identity "$TMP/body" "$ed" "${SIGNED[$R]-}" || return 1
    sha "$ed$ml"
    asciihex "fanal/${R:0:32}/"
    role=$R$name
    for entry in ${entries[@]+"${entries[@]}"}; do
        pb "$entry" || return 1
        get 1
        use=$R
        get 6
        origin=$R
        get 8
        officer=$R
        get 2
        pb "$R" || return 1
        get 1
        algorithm=$R
        get 2
        public=$R
        [[ $algorithm == 1 ]] || continue
        strong "$public" || return 1
        keyid "$public"
        id=$R
        KEY["$name $use $id"]=$public
        if [[ $use == 1 ]] && ((serial > ${LAST["$name $id"]:-0})); then LAST["$name $id"]=$serial; fi
        case $use in
            4) [[ -n ${REVOKED[$id]-} ]] || LOGS+=("$name $origin $public") ;;
            5) [[ -n ${REVOKED[$id]-} ]] || WITNESSES+=("$name ${role}2f7769746e657373 $public") ;;
            7)
                pb "$officer" || return 1
                get 2
                RIGHTS["$name $id"]=$R
                ;;
        esac
    done
}
IDENTITIES=0
for f in identities/*/*.doc log/*/*.doc; do
    name=${f#*/}
    identity "$f" "${name%.doc}" || stop identities "$f does not verify under a root of the charters"
    IDENTITIES=$((IDENTITIES + 1))
done
passed identities "$IDENTITIES, Ed25519 signatures of the roots"

# The prover's node has signed the sums of all files: what no other check looks at cannot be changed either.
if [[ -z $SEALER ]]; then
    undecided bundle.seal 'an older version made this bundle: a change in a part that no check looks at is not seen'
elif [[ -z ${KEY["$PROVER 1 $SEALER"]-} ]]; then
    undecided bundle.seal 'no identity in the bundle names the key that sealed it' needed
else
    hexof SHA256SUMS.sig
    if ! signed bundle SHA256SUMS "${KEY["$PROVER 1 $SEALER"]}" "$R"; then
        failed bundle.seal 'a file was changed after the prover sealed the bundle'
    elif [[ -n ${REVOKED[$SEALER]-} ]]; then
        undecided bundle.seal 'the key that sealed it was revoked since' needed
    else
        passed bundle.seal
    fi
fi

# --- 4. manifests -----------------------------------------------------------------------------------

header() { # the manifest in HEX: header fields in H
    pb "$1" || return 1
    get 1
    HEADER=$R
    pb "$HEADER" || return 1
    local name
    H=()
    for name in 1:network 4:charter 5:charter_sha 6:author 7:key 8:lane 9:incarnation 10:seq 11:previous \
        12:envelope 13:audience 16:created 18:class 19:commitment; do
        get "${name%%:*}"
        H[${name#*:}]=$R
    done
    [[ -n ${H[seq]} ]] || H[seq]=0
    number "${H[seq]}" && number "${H[charter]:-x}" && agency "${H[author]}"
}
declare -A H=()
manifest() { # folder, class: checks it; SHA is its hash, READERS who may read; 2: told that a document is missing
    hexof "$1/manifest.bin"
    header "$R" || return 1
    [[ ${H[class]} == "$2" && ${H[network]} == "$NET" ]] || return 1
    [[ ${H[charter_sha]} == "${CHARTER[${H[charter]}]-}" && -n ${MEMBER["${H[charter]} ${H[author]}"]-} ]] ||
        return 1
    local lane='66616e616c2f6c616e652f763100'
    for R in "$NET" "${H[author]}" "${H[audience]}"; do
        prefixed "$R"
        lane+=$R
    done
    sha "$lane"
    [[ $R == "${H[lane]}" ]] || return 1
    shafile '' "$1/manifest.bin"
    SHA=$R
    local key=${KEY["${H[author]} 1 ${H[key]}"]-}
    if [[ -z $key ]]; then
        undecided "$1.manifest" 'no identity in the bundle names the key that signed' needed
        return 2
    fi
    [[ -z ${REVOKED[${H[key]}]-} || $1 == notice ]] || undecided "$1.key" 'the key that signed was revoked since' needed
    hexof "$1/manifest.sig"
    signed manifest "$1/manifest.bin" "$key" "$R" || return 1
    pb "${H[audience]}" || return 1
    get 1
    if [[ -n $R ]]; then
        READERS=${CHANNEL["${H[charter]} $R"]-}
    else
        all 2
        READERS=" ${A[*]-} "
    fi
}
commitment() { # name of the domain in hex, salt file, file
    [[ -f $2 && -f $3 ]] || return 1
    hexof "$2"
    [[ ${#R} == 64 ]] || return 1
    prefixed "$R"
    local head="66616e616c2f$1"$R
    size "$3"
    be64 "$R"
    shafile "$head$R" "$3"
}
CONTENT=636f6e74656e742d636f6d6d69746d656e742f763100
NOTICE=6e6f746963652d636f6d6d69746d656e742f763100
climb() { # leaf, index, size, domain prefix, siblings...: the root in R
    local node=$1 index=$2 last=$(($3 - 1)) prefix=$4 side
    shift 4
    while ((last > 0)); do
        if ((index & 1)); then
            side="${1-}"
            [[ $side =~ ^[0-9a-f]{64}$ ]] || return 1
            pair "$prefix" "$side" "$node"
            node=$R
            shift
        elif ((index < last)); then
            side="${1-}"
            [[ $side =~ ^[0-9a-f]{64}$ ]] || return 1
            pair "$prefix" "$node" "$side"
            node=$R
            shift
        fi
        index=$((index >> 1)) last=$((last >> 1))
    done
    (($# == 0)) || return 1
    R=$node
}
declare -A PAIRS=()
pair() { # an inner node; those near the root come again and again
    R=${PAIRS["$2$3"]-}
    if [[ -z $R ]]; then
        sha "01$1$2$3"
        PAIRS["$2$3"]=$R
    fi
}
declare -A SHOWN=()
fields() { # file, root: each shown field in SHOWN
    local line w path value leaf part levels first=1
    while read -r -a w; do
        if ((first)); then
            [[ ${w[*]} == fanal-fields/v1 ]] || return 1
            first=0
            continue
        fi
        [[ ${w[0]-} == field && ${w[1]-} =~ ^[][a-z0-9_.]+$ && ${w[3]-} =~ ^[0-9a-f]{64}$ ]] || return 1
        number "${w[2]}" || return 1
        path=${w[1]} value=
        if [[ ${w[4]-} != - ]]; then
            unbase64 "${w[4]-}" || return 1
            value=$R
        fi
        leaf=000f66616e616c2f6669656c64732f7631
        asciihex "$path"
        for part in "${w[3]}" "$R" "$value"; do
            prefixed "$part"
            leaf+=$R
        done
        sha "$leaf"
        levels=$((${#w[@]} - 5))
        ((levels < 20 && w[2] < 1 << levels)) || return 1
        climb "$R" "${w[2]}" $((1 << levels)) 0f66616e616c2f6669656c64732f7631 "${w[@]:5}" || return 1
        [[ $R == "$2" ]] || return 1
        SHOWN["$3$path"]=$value
        text "$value"
        passed "$3.fields" "$path = $R"
    done <"$1"
}
item() { # folder
    local d=$1 statement root officer
    manifest "$d" 1
    case $? in
        0) ;;
        2) return 1 ;;
        *)
            failed "$d.manifest" 'the author did not sign it as a notice under these charters'
            return 1
            ;;
    esac
    agency "${H[author]}"
    passed "$d.manifest" "$R $SHA"
    if [[ ! -f $d/statement.bin ]]; then
        undecided "$d.statement" 'redacted: nothing of the content is shown'
        return 0
    fi
    commitment "$CONTENT" "$d/content.salt" "$d/statement.bin"
    if [[ $? != 0 || $R != "${H[commitment]}" ]]; then
        failed "$d.statement" 'the manifest does not commit to it'
        return 0
    fi
    hexof "$d/statement.bin"
    statement=$R
    pb "$statement"
    for one in 1:network 2:charter 3:charter_sha 4:envelope 5:author 7:audience; do
        get "${one%%:*}"
        if [[ $R != "${H[${one#*:}]}" ]]; then
            failed "$d.statement" "its ${one#*:} is not that of the envelope"
            return 0
        fi
    done
    get 6
    officer=$R
    get 11
    root=$R
    get 10
    local committed=$R
    get 9
    SIGNEDAT=$R
    local key=${KEY["${H[author]} 7 $officer"]-}
    hexof "$d/statement.sig"
    if [[ -z $key || ! ${RIGHTS["${H[author]} $officer"]-} =~ ^([0-9a-f][0-9a-f])*01 ]] ||
        ! signed statement "$d/statement.bin" "$key" "$R"; then
        failed "$d.statement" 'no officer of the author with the right AUTHOR signed it'
        return 0
    fi
    [[ -z ${REVOKED[$officer]-} ]] || undecided "$d.officer" 'the key of the officer was revoked since' needed
    passed "$d.statement" "officer $officer"
    STATED="$STATED$d "
    if [[ -f $d/notice.bin ]]; then
        commitment "$NOTICE" "$d/notice.salt" "$d/notice.bin"
        if [[ $? == 0 && $R == "$committed" ]]; then
            passed "$d.text"
            hexof "$d/notice.bin"
            pb "$R" && get 1 && SHOWN["${d}notice_id"]=$R
        else
            failed "$d.text" 'the officer signed for another text'
        fi
        undecided "$d.fields" 'the root over all fields needs fanal audit verify'
    else
        undecided "$d.text" 'redacted: the commitment cannot be opened without the whole notice'
        if [[ -f $d/fields.txt ]]; then
            fields "$d/fields.txt" "$root" "$d" || failed "$d.fields" 'a shown field is not under the root'
        fi
    fi
}

withdrawal() { # whether the author's officer signed that this notice is withdrawn
    local f listed=0 lists=0 meant=0 asks='whether deletion is asked is not shown' why=
    if [[ ${H[author]} != "$AUTHOR" ]]; then
        failed withdrawal.names 'it is by another agency'
        return
    fi
    asciihex "$NOTICE_SHA"
    for f in "${!SHOWN[@]}"; do
        case $f in
            "withdrawalwithdrawal.with_deletion["*)
                lists=1
                [[ ${SHOWN[$f]} == "$R" ]] && listed=1 asks='every holder is asked to delete it'
                ;;
            "withdrawalwithdrawal.without_deletion["*)
                lists=1
                [[ ${SHOWN[$f]} == "$R" ]] && listed=1 asks='deletion is not asked'
                ;;
            "withdrawalwithdrawal.notice_ids["*) [[ ${SHOWN[$f]} == "${SHOWN[noticenotice_id]-}" ]] && meant=1 ;;
        esac
    done
    [[ ${SHOWN[withdrawalwithdrawal.delete_required]-} != 74727565 ]] || asks='every holder is asked to delete it'
    case ${SHOWN[withdrawalwithdrawal.reason]-} in
        31) why=SOURCE_DISCREDITED ;; 32) why=ERROR ;; 33) why=SUPERSEDED ;;
        34) why=MATTER_CLOSED ;; 35) why=COURT_ORDER ;; 36) why=DATA_SUBJECT_RIGHTS ;;
    esac
    if [[ $STATED != *' withdrawal '* || ! -f withdrawal/fields.txt ]]; then
        undecided withdrawal.names 'the signature of the officer on what is withdrawn is not proven' needed
    elif ((lists && !listed)) || [[ -n ${SHOWN[noticenotice_id]-} && $meant == 0 ]]; then
        failed withdrawal.names 'it does not name this notice'
    elif ((listed || meant)); then
        moment "$SIGNEDAT"
        asks="on $R (${why:--}), $asks"
        agency "$AUTHOR"
        TAKEN=1
        passed withdrawal.names "WITHDRAWN by its author $R $asks"
    else
        undecided withdrawal.names 'whether it means this notice needs the whole notice and fanal audit verify' needed
    fi
}
declare -A SUBJECT=() # hash of a manifest -> folder
declare -A PLACE=()   # folder -> lane, incarnation, seq
declare -A MAYREAD=() # folder -> agencies
STATED=' ' WITHDRAWN=0 WLINE=
item notice || finish
AUTHOR=${H[author]} MAYREAD[notice]=$READERS SUBJECT[$SHA]=notice NOTICE_SHA=$SHA ENVELOPE=${H[envelope]}
PLACE[notice]="${H[lane]} ${H[incarnation]} ${H[seq]}"
LINE="lane=${H[lane]} incarnation=${H[incarnation]} seq=${H[seq]} envelope=$ENVELOPE manifest=$SHA"
SIGNER=${H[key]}
if [[ -d withdrawal ]]; then
    if item withdrawal; then
        SUBJECT[$SHA]=withdrawal
        PLACE[withdrawal]="${H[lane]} ${H[incarnation]} ${H[seq]}" MAYREAD[withdrawal]=$READERS
        WLINE="lane=${H[lane]} incarnation=${H[incarnation]} seq=${H[seq]} envelope=${H[envelope]} manifest=$SHA"
        withdrawal
    fi
fi

if ((${#OTHERS[@]})); then
    undecided notice.others 'the prover holds more of this notice, by its own word; each has a bundle of its own:'
    printf '           %s\n' "${OTHERS[@]}"
fi

# --- 5. receipts ------------------------------------------------------------------------------------

declare -A CHAIN=()
for f in chain/*.bin; do
    shafile '' "$f"
    CHAIN[$R]=$f
done
covered() { # head, last seq, folder: whether the head leads back to the notice
    local digest=$1 seq=$2 place=(${PLACE[$3]}) links=0
    while ((seq > place[2])); do
        links=$((links + 1))
        [[ -n ${CHAIN[$digest]-} ]] && ((links <= 256)) || return 2
        hexof "${CHAIN[$digest]}"
        header "$R" || return 1
        [[ ${H[lane]} == "${place[0]}" && ${H[incarnation]} == "${place[1]}" ]] || return 1
        ((H[seq] == seq)) || return 1
        digest=${H[previous]}
        seq=$((seq - 1))
    done
    ((seq == place[2])) && [[ ${SUBJECT[$digest]-} == "$3" ]]
}
declare -A TOLD=()
tell() { # agency, word, folder, detail
    local prefix=
    [[ $3 == notice ]] || prefix="$3."
    TOLD["$3 $1 $2"]=1
    agency "$1"
    passed "$prefix$2.$R" "$4"
}
DIGESTS=()
receipt() { # folder
    local d=$1 who at one word span start stop last hit seq folder place status digest body mine=0
    manifest "$d" 2 || return
    [[ $READERS == *" $AUTHOR "* ]] || return 1
    commitment "$CONTENT" "$d/content.salt" "$d/receipts.bin" && [[ $R == "${H[commitment]}" ]] || return 1
    who=${H[author]}
    moment "${H[created]}"
    at=$R
    shafile '' "$d/receipts.bin"
    digest="$R ${H[envelope]}"
    hexof "$d/receipts.bin"
    pb "$R" || return 1
    local kinds=("${F[@]}") values=("${V[@]}") i
    for i in "${!kinds[@]}"; do
        one=${values[i]}
        pb "$one" || return 1
        case ${kinds[i]} in
            1 | 2)
                word=stored
                ((kinds[i] == 2)) && word=relayed
                get 1
                local lane=$R
                get 2
                local incarnation=$R
                get 4
                local head=$R
                all 3
                local spans=(${A[@]+"${A[@]}"})
                for folder in "${!PLACE[@]}"; do
                    place=(${PLACE[$folder]})
                    [[ $lane == "${place[0]}" && $incarnation == "${place[1]}" ]] || continue
                    hit=0 last=-1
                    for span in "${spans[@]}"; do
                        pb "$span" || return 1
                        get 1
                        start=${R:-0}
                        get 2
                        stop=$R
                        number "$start" && number "$stop" || return 1
                        ((start <= place[2] && place[2] < stop)) && hit=1
                        last=$((stop - 1))
                    done
                    ((hit)) || continue
                    mine=1
                    [[ $word == relayed || ${MAYREAD[$folder]} == *" $who "* ]] || return 1
                    covered "$head" "$last" "$folder"
                    status=$?
                    if ((status == 2)); then
                        undecided "$word" 'the manifests up to the head of the receipt are not here'
                    elif ((status)); then
                        return 1
                    else
                        tell "$who" "$word" "$folder" "$at"
                    fi
                done
                ;;
            3 | 4)
                get 1
                folder=${SUBJECT[${R:-x}]-}
                [[ -n $folder ]] || continue
                [[ ${MAYREAD[$folder]} == *" $who "* ]] || return 1
                mine=1
                word=rejected
                ((kinds[i] == 4)) && word=held
                tell "$who" "$word" "$folder" ''
                ;;
            5)
                get 1
                body=$R
                get 2
                local signature=$R
                pb "$body" || return 1
                get 4
                folder=${SUBJECT[${R:-x}]-}
                [[ -n $folder ]] || continue
                mine=1
                get 1
                [[ $R == "$NET" && ${MAYREAD[$folder]} == *" $who "* ]] || return 1
                get 2
                [[ $R == "$who" ]] || return 1
                get 3
                local officer=$R
                get 5
                moment "$R"
                local when=$R key=${KEY["$who 7 $officer"]-}
                [[ -n $key && ${RIGHTS["$who $officer"]-} =~ ^([0-9a-f][0-9a-f])*03 ]] || return 1
                bin "$body" >"$TMP/read"
                signed read "$TMP/read" "$key" "$signature" || return 1
                [[ -z ${REVOKED[$officer]-} ]] || undecided read 'the key of a reader was revoked since' needed
                tell "$who" read "$folder" "$when"
                ;;
            6)
                get 1
                folder=${SUBJECT[${R:-x}]-}
                [[ -n $folder ]] || continue
                [[ ${MAYREAD[$folder]} == *" $who "* ]] || return 1
                mine=1
                get 3
                case $R in 1) word=COMPLIED ;; 2) word=REFUSED ;; 3) word=HELD ;; *) return 1 ;; esac
                get 4
                text "$R"
                word+=${R:+ $R}
                get 5
                moment "$R"
                tell "$who" recall "$folder" "$word $R"
                ;;
        esac
    done
    ((mine)) || return 1
    DIGESTS+=("$digest")
}
for f in receipts/*/; do
    receipt "${f%/}"
    [[ $? == [02] ]] || failed "${f%/}" 'it does not verify, or says nothing about this notice'
done
for one in $([[ $PROVER == "$AUTHOR" ]] && echo "${MAYREAD[notice]}" || echo "$PROVER"); do
    [[ $one == "$AUTHOR" || -n ${TOLD["notice $one stored"]-} ]] && continue
    agency "$one" && undecided "stored.$R" 'no receipt of this reader is in the bundle'
done
for one in $([[ -z $WLINE ]] || { [[ $PROVER == "$AUTHOR" ]] && echo "${MAYREAD[withdrawal]}" || echo "$PROVER"; }); do
    [[ $one != "$AUTHOR" ]] && agency "$one" || continue
    [[ -n ${TOLD["withdrawal $one stored"]-} ]] ||
        undecided "withdrawal.stored.$R" 'no receipt of this reader is in the bundle'
    [[ -n ${TOLD["withdrawal $one recall"]-} ]] ||
        undecided "withdrawal.recall.$R" 'no answer of this reader to the withdrawal is in the bundle'
done

# --- 6. the log -------------------------------------------------------------------------------------

note() { # file: text in $TMP/text, T its lines, S its signature lines
    local i blank=-1
    hexof "$1"
    [[ $R =~ ^(0a|[2-6][0-9a-f]|7[0-9a-e]|[89a-f][0-9a-f])*$ ]] || return 1
    mapfile -t T <"$1"
    for i in "${!T[@]}"; do [[ -z ${T[i]} ]] && blank=$i; done
    ((blank >= 3)) || return 1
    S=("${T[@]:blank+1}")
    T=("${T[@]:0:blank}")
    head -n "$blank" -- "$1" >"$TMP/text"
}
line() { # a signature line: NOTEKEY name in hex, NOTEID, NOTESIG
    local blob
    [[ $1 == $'\xe2\x80\x94 '* ]] || return 1
    blob=${1#$'\xe2\x80\x94 '}
    [[ ${blob% *} != *[[:space:]]* ]] || return 1
    asciihex "${blob% *}"
    NOTEKEY=$R
    unbase64 "${blob##* }" || return 1
    NOTEID=${R:0:8} NOTESIG=${R:8}
}
checkpoint() { # file: SIZE and ROOT, if a key of the prover's log signed it; COSIGNED the agencies
    local one w log=0
    note "$1" || return 1
    SIZE=${T[1]}
    number "$SIZE" || return 1
    unbase64 "${T[2]}" || return 1
    ROOT=$R
    [[ ${#ROOT} == 64 ]] || return 1
    asciihex "${T[0]}"
    local origin=$R
    COSIGNED=' '
    for one in ${S[@]+"${S[@]}"}; do
        line "$one" || return 1
        for w in ${LOGS[@]+"${LOGS[@]}"}; do
            w=($w)
            [[ ${w[0]} == "$PROVER" && ${w[1]} == "$origin" && $NOTEKEY == "$origin" ]] || continue
            sha "${origin}0a01${w[2]}"
            [[ ${R:0:8} == "$NOTEID" ]] || continue
            ed25519 "${w[2]}" "$NOTESIG" "$TMP/text" || return 1
            log=1
        done
        for w in ${WITNESSES[@]+"${WITNESSES[@]}"}; do
            w=($w)
            [[ ${w[1]} == "$NOTEKEY" && ${w[0]} != "$PROVER" ]] || continue
            sha "${NOTEKEY}0a04${w[2]}"
            [[ ${R:0:8} == "$NOTEID" ]] || continue
            [[ $NOTESIG =~ ^[0-7][0-9a-f]{143}$ ]] || return 1
            {
                printf 'cosignature/v1\ntime %d\n' $((16#${NOTESIG:0:16}))
                cat -- "$TMP/text"
            } >"$TMP/cosigned"
            ed25519 "${w[2]}" "${NOTESIG:16}" "$TMP/cosigned" || return 1
            ((SIZE > NOTICELEAF && 16#${NOTESIG:0:16} < EARLIEST)) && EARLIEST=$((16#${NOTESIG:0:16}))
            [[ -n ${MEMBER["$NEWEST ${w[0]}"]-} && $COSIGNED != *" ${w[0]} "* ]] && COSIGNED+="${w[0]} "
        done
    done
    ((log))
}
NOTICELEAF=-1 LASTLEAF=0 SINCE=() EXPORT=0 LEAVES=0 CLAIMED=0 EARLIEST=$((1 << 62))
checkpoint log/checkpoint.note || stop log.checkpoint 'no key of the log of the prover signed it'
passed log.checkpoint "$SIZE $ROOT"
TEXT=("${T[@]}") SIGLINES=$(printf '%s\n' ${S[@]+"${S[@]}"}) BEST=$COSIGNED FINAL=$SIZE FINALROOT=$ROOT
[[ $SIGLINES == *$'/anchor '* ]] && undecided log.anchor 'openssl 3.0 does not know ML-DSA-44'

declare -A LOGGED=()
included() { # number
    local f=log/$1.leaf p=log/$1.tlog-proof lines i blank=-1 index path=() leaf w one
    [[ -f $p ]] || return 1
    hexof "$f"
    [[ $R =~ ^([2-6][0-9a-f]|7[0-9a-e])*0a$ ]] || return 1
    mapfile -t lines <"$p"
    [[ ${lines[0]-} == c2sp.org/tlog-proof@v1 && ${lines[1]-} == 'index '* ]] || return 1
    index=${lines[1]#index }
    number "$index" && ((index < FINAL)) || return 1
    for i in "${!lines[@]}"; do
        [[ -z ${lines[i]} ]] && {
            blank=$i
            break
        }
        ((i < 2)) && continue
        unbase64 "${lines[i]}" || return 1
        path+=("$R")
    done
    ((blank > 1)) || return 1
    for i in "${!TEXT[@]}"; do [[ ${lines[blank + 1 + i]-} == "${TEXT[i]}" ]] || return 1; done
    blank=$((blank + 1 + ${#TEXT[@]}))
    [[ -z ${lines[blank]-x} ]] || return 1
    for one in "${lines[@]:blank+1}"; do
        [[ $'\n'$SIGLINES$'\n' == *$'\n'"$one"$'\n'* ]] || return 1
    done
    SINCE+=("$index")
    ((index < LASTLEAF)) || LASTLEAF=$index
    shafile 00 "$f"
    climb "$R" "$index" "$FINAL" '' ${path[@]+"${path[@]}"} || return 1
    [[ $R == "$FINALROOT" ]] || return 1
    read -r -a w <"$f"
    leaf="${w[*]}"
    [[ ${w[0]} == fanal-leaf/v1 ]] || return 1
    agency "$AUTHOR"
    case ${w[1]} in
        envelope-out | envelope-in | relay)
            if [[ $PROVER == "$AUTHOR" && ${w[1]} == envelope-out || $PROVER != "$AUTHOR" && ${w[1]} != envelope-out ]]; then
                [[ "$leaf " == *" $LINE author=$R class=notice "* ]] && NOTICELEAF=$index
                [[ -n $WLINE && "$leaf " == *" $WLINE author=$R class=notice "* ]] && WITHDRAWN=${w[2]#time=}
            fi
            ;;
        receipt-in | receipt-out) LOGGED["${leaf#* receipt=}"]=1 ;;
        erasure)
            if [[ $leaf == *" manifest=$NOTICE_SHA "* ]]; then
                w=(${w[2]#time=} "${leaf#* basis=}" "${leaf#* state=}")
                passed log.erasure "the prover erased the content on ${w[0]}, basis ${w[1]%% *}, ${w[2]%% *}"
                [[ $leaf == *' basis=withdrawal '* ]] && CLAIMED=1
            fi
            ;;
        export) [[ $leaf == *" envelope=$ENVELOPE file=$EXPORTED "* ]] && EXPORT=1 ;;
    esac
    LEAVES=$((LEAVES + 1))
}
GOOD=1
for f in log/*.leaf; do
    f=${f#log/}
    included "${f%.leaf}" || {
        GOOD=0
        failed log.inclusion "leaf ${f%.leaf} is not in the log under the checkpoint"
    }
done
((GOOD)) && passed log.inclusion "$LEAVES leaves"
if ((NOTICELEAF >= 0)); then passed log.notice "leaf $NOTICELEAF"; else failed log.notice 'the log does not name the notice'; fi
if [[ -n $WLINE ]]; then
    if [[ $WITHDRAWN != 0 ]]; then
        passed log.withdrawal "$WITHDRAWN"
    else
        failed log.withdrawal 'the log does not name the withdrawal'
    fi
elif [[ ! -d withdrawal ]]; then
    if ((CLAIMED)); then
        undecided withdrawal.names 'erased as withdrawn, but the signed withdrawal of the author is not here' needed
    else
        found=0
        for one in "${SINCE[@]}"; do ((one < NOTICELEAF)) || found=$((found + 1)); done
        undecided withdrawal.names 'no withdrawal is in here, which does not prove that the notice was not withdrawn'
        echo "           $found of the $((LASTLEAF - NOTICELEAF + 1)) entries from the notice to the export are in here"
        echo '           an export of the whole log (fanal audit export) and a bundle of the author tell more'
    fi
fi
for one in ${DIGESTS[@]+"${DIGESTS[@]}"}; do
    found=0
    for f in "${!LOGGED[@]}"; do [[ $f == "${one% *} envelope=${one#* } "* ]] && found=1; done
    ((found)) || failed log.receipts 'a receipt was not logged'
done
((${#DIGESTS[@]} == 0)) || passed log.receipts "${#DIGESTS[@]}"
# The export's leaf vouches for bundle.txt, and that for the other leaves: none can be taken out, an erasure neither.
if ((${#COVER[@]} == 4)); then
    undecided log.leaves 'an older version made this bundle: an entry, such as an erasure, may have been taken out'
else
    R=$(cat -- "${ENTRIES[@]:0:${#ENTRIES[@]}-1}" </dev/null | sha256sum)
    if [[ ${COVER[4]} == "leaves ${R:0:64}" ]]; then
        passed log.leaves "${#ENTRIES[@]}"
    else
        failed log.leaves 'entries of the log were added, taken out or changed after the bundle was made'
    fi
fi
if ((EXPORT)); then passed log.export; else failed log.export 'the log does not name this bundle: files were added, removed or changed'; fi

# RFC 9162, 2.1.4.2: that the cosigned tree is the beginning of the one under the checkpoint.
consistent() { # old size, old root
    local lines=() path=() i fn=$(($1 - 1)) sn=$((FINAL - 1)) fr sr
    mapfile -t lines <log/consistency.txt
    [[ ${lines[0]-} == "consistency $1 $FINAL" ]] && (($1 > 0 && $1 <= FINAL)) || return 1
    for i in "${lines[@]:1}"; do
        unbase64 "$i" || return 1
        [[ ${#R} == 64 ]] || return 1
        path+=("$R")
    done
    if (($1 == FINAL)); then
        ((${#path[@]} == 0)) && [[ $2 == "$FINALROOT" ]]
        return
    fi
    while ((fn & 1)); do fn=$((fn >> 1)) sn=$((sn >> 1)); done
    if ((fn)); then
        fr=${path[0]-} path=("${path[@]:1}")
    else
        fr=$2
    fi
    sr=$fr
    for i in ${path[@]+"${path[@]}"}; do
        ((sn)) || return 1
        if ((fn & 1 || fn == sn)); then
            pair '' "$i" "$fr"
            fr=$R
            pair '' "$i" "$sr"
            sr=$R
            while ((fn && !(fn & 1))); do fn=$((fn >> 1)) sn=$((sn >> 1)); done
        else
            pair '' "$sr" "$i"
            sr=$R
        fi
        fn=$((fn >> 1)) sn=$((sn >> 1))
    done
    ((sn == 0)) && [[ $fr == "$2" && $sr == "$FINALROOT" ]]
}
if [[ -f log/cosigned.note ]]; then
    if checkpoint log/cosigned.note && [[ -f log/consistency.txt ]] && consistent "$SIZE" "$ROOT"; then
        passed log.consistency "$SIZE -> $FINAL"
        ((SIZE > NOTICELEAF && ${#COSIGNED} > ${#BEST})) && BEST=$COSIGNED
    else
        failed log.consistency 'the cosigned checkpoint is not the beginning of this log'
    fi
fi
WHO=($BEST) NAMES=
for one in ${WHO[@]+"${WHO[@]}"}; do
    agency "$one"
    NAMES+="$R "
done
if ((${#WHO[@]} >= QUORUM)); then
    passed log.cosignatures "${NAMES:-none needed}"
else
    undecided log.cosignatures "${#WHO[@]} of $QUORUM witnesses: $NAMES" needed
fi
# A key that is no longer good counts for what a witness saw while it was, and a retired one for what its own
# agency has logged.
UNTIL=${REVOKED[$SIGNER]-}
if [[ -z $UNTIL && $PROVER != "$AUTHOR" ]]; then
    for f in "${!CREATED[@]}"; do
        if [[ $f == "$AUTHOR "* ]] && ((${f#* } > ${LAST["$AUTHOR $SIGNER"]} && CREATED[$f] < ${UNTIL:-EARLIEST + 1})); then
            UNTIL=${CREATED[$f]}
        fi
    done
fi
if [[ -n $UNTIL ]] && ((EARLIEST >= UNTIL)); then
    undecided notice.key 'the key of the author ended before a witness saw the notice' needed
else
    passed notice.key
fi
finish
