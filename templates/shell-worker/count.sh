#!/bin/sh
# Counts words, by Disco's worker protocol. A message is NAME, bytes of the payload, payload (JSON); the answer is a line.
export LC_ALL=C
say() { printf '%s %d %s\n' "$1" "${#2}" "$2" >&2; read -r answer; }
first() { printf '%s\n' "$answer" | grep -o '\[\[[0-9]*,"[a-z]*://[^"]*' | sed 's/.*"//'; } # an address of each input
get() { curl -sSf --retry 3 "$scheme:${1#*:}"; }
fail() { say ERROR '"an input cannot be read"'; exit 1; }

say WORKER "{\"version\":\"1.1\",\"pid\":$$}"
say TASK '""'
case $answer in *'"master":"https:'*) scheme=https ;; *) scheme=http ;; esac
case $answer in *'"stage":"map"'*) stage=map ;; *) stage=count ;; esac
say INPUT '""'
for url in $(first); do
  get "$url" > input || fail
  case $stage in
    map) tr -cs '[:alnum:]' '\n' < input | tr A-Z a-z ;;
    # An index: a line for each file of a task, with its label, address and bytes.
    count) while read -r _ file _; do get "$file" || fail; done < input ;;
  esac
done > words
awk '$1 != "" { n[$1] += $2 ? $2 : 1 } END { for (word in n) print word "\t" n[word] }' words | sort > counts
say OUTPUT "[0,\"counts\",$(($(wc -c < counts)))]"
say DONE '""'
