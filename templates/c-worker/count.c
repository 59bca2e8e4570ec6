/*
 * How often does each word occur? Two stages by Disco's worker protocol 1.1, in C; inputs are fetched by curl.
 *
 * A message is NAME, bytes of the payload, payload (JSON). It goes out on standard error; its answer is a line of standard
 * input. The answers are read for the few things that are needed: there is no JSON parser here.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { partitions = 4, buckets = 1 << 16, word_max = 256 };

struct entry {
  struct entry *next;
  unsigned long count;
  char word[];
};

static struct entry *table[buckets];
static char *answer;
static size_t answer_room;
static const char *scheme = "http";
static int is_map;

static void ask(const char *name, const char *payload) {
  fprintf(stderr, "%s %zu %s\n", name, strlen(payload), payload);
  fflush(stderr);
  /* After an end (DONE, ERROR) nothing comes. */
  if (getline(&answer, &answer_room, stdin) < 0) exit(0);
}

static void fail(const char *why) {
  char payload[256];
  snprintf(payload, sizeof payload, "\"%s\"", why);
  ask("ERROR", payload);
  exit(1);
}

static unsigned long hash_of(const char *word) {
  unsigned long hash = 5381;
  while (*word) hash = hash * 33 + (unsigned char)*word++;
  return hash;
}

static void add(const char *word, unsigned long count) {
  struct entry **at = &table[hash_of(word) % buckets];
  while (*at != NULL && strcmp((*at)->word, word) != 0) at = &(*at)->next;
  if (*at == NULL) {
    *at = calloc(1, sizeof **at + strlen(word) + 1);
    if (*at == NULL) fail("no memory is left");
    strcpy((*at)->word, word);
  }
  (*at)->count += count;
}

/* Opens an address of any scheme of the cluster; to be closed by closed(). No shell reads the address. */
static FILE *opened(const char *url, pid_t *child) {
  const char *rest = strstr(url, "://");
  char *address = NULL;
  int ends[2];
  if (rest == NULL || asprintf(&address, "%s%s", scheme, rest) < 0 || pipe(ends) < 0) fail("an input has no address");
  *child = fork();
  if (*child < 0) fail("curl cannot be started");
  if (*child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    close(STDIN_FILENO);
    execlp("curl", "curl", "-sSf", "--retry", "3", address, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  free(address);
  return fdopen(ends[0], "r");
}

static void closed(FILE *file, pid_t child) {
  int status = 0;
  fclose(file);
  if (waitpid(child, &status, 0) < 0 || status != 0) fail("an input cannot be read");
}

static void count_words(const char *url) {
  pid_t child;
  FILE *file = opened(url, &child);
  char word[word_max];
  size_t length = 0;
  for (int c; (c = getc(file)) != EOF || length > 0;) {
    if (c != EOF && (isalnum(c) || c >= 128)) {
      /* Of a longer word the rest is another one. */
      word[length++] = (char)(c < 128 ? tolower(c) : c);
      if (length < word_max - 1) continue;
    }
    word[length] = 0;
    if (length > 0) add(word, 1);
    length = 0;
    if (c == EOF) break;
  }
  closed(file, child);
}

static void add_counts(const char *url) {
  pid_t child;
  FILE *file = opened(url, &child);
  char word[word_max];
  unsigned long count;
  while (fscanf(file, "%255s %lu", word, &count) == 2) add(word, count);
  closed(file, child);
}

/* An index: a line of LABEL URL BYTES for each file of a task. */
static void add_index(const char *url, const char *label) {
  pid_t child;
  FILE *file = opened(url, &child);
  char *line = NULL;
  size_t room = 0;
  while (getline(&line, &room, file) > 0) {
    char *of = strtok(line, " "), *address = strtok(NULL, " ");
    if (address != NULL && (strcmp(label, "all") == 0 || strcmp(label, of) == 0)) add_counts(address);
  }
  free(line);
  closed(file, child);
}

/* Inputs are [ID,"ok",LABEL,[[REPLICA,"URL"],...]]: of each the first replica is read. */
static void read_inputs(void) {
  ask("INPUT", "\"\"");
  char *rows = strdup(answer);
  for (char *at = rows; at != NULL && (at = strstr(at, "\"ok\",")) != NULL;) {
    char *label = at + strlen("\"ok\","), *replicas = strstr(label, ",[[");
    if (replicas == NULL) fail("an input has no address");
    *replicas = 0;
    if (*label == '"') {
      label++;
      label[strcspn(label, "\"")] = 0;
    }
    char *url = strchr(replicas + 1, '"');
    if (url == NULL) fail("an input has no address");
    char *end = strchr(++url, '"');
    *end = 0;
    at = end + 1;
    if (is_map) count_words(url);
    else add_index(url, label);
  }
  free(rows);
}

static int by_word(const void *left, const void *right) {
  return strcmp((*(struct entry *const *)left)->word, (*(struct entry *const *)right)->word);
}

/* Writes the words of one label, sorted. */
static void give(int label, int is_all) {
  char name[32], payload[96];
  size_t count = 0, room = 1024;
  struct entry **sorted = malloc(room * sizeof *sorted);
  for (size_t bucket = 0; bucket < buckets; bucket++) {
    for (struct entry *one = table[bucket]; one != NULL; one = one->next) {
      if (!is_all && (int)(hash_of(one->word) % partitions) != label) continue;
      if (count == room) sorted = realloc(sorted, (room *= 2) * sizeof *sorted);
      if (sorted == NULL) fail("no memory is left");
      sorted[count++] = one;
    }
  }
  qsort(sorted, count, sizeof *sorted, by_word);
  snprintf(name, sizeof name, "counts-%d", label);
  FILE *file = fopen(name, "w");
  if (file == NULL) fail("an output cannot be written");
  for (size_t at = 0; at < count; at++) fprintf(file, "%s\t%lu\n", sorted[at]->word, sorted[at]->count);
  if (fflush(file) != 0 || fsync(fileno(file)) != 0) fail("an output cannot be written");
  snprintf(payload, sizeof payload, "[%d,\"%s\",%ld]", label, name, ftell(file));
  fclose(file);
  free(sorted);
  ask("OUTPUT", payload);
}

int main(void) {
  char payload[64];
  snprintf(payload, sizeof payload, "{\"version\":\"1.1\",\"pid\":%d}", (int)getpid());
  ask("WORKER", payload);
  ask("TASK", "\"\"");
  is_map = strstr(answer, "\"stage\":\"map\"") != NULL;
  if (strstr(answer, "\"master\":\"https:") != NULL) scheme = "https";
  char *group = strstr(answer, "\"group\":[");
  int label = group == NULL ? 0 : atoi(group + strlen("\"group\":["));
  read_inputs();
  if (is_map) {
    for (int part = 0; part < partitions; part++) give(part, 0);
  } else give(label, 1);
  ask("DONE", "\"\"");
  return 0;
}
