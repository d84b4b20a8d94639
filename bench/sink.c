/*
 * The receiving server of the benchmarks on Linux: accepts every message, keeps none, so that sending is what is measured.
 * One thread, epoll, RFC 5321 with PIPELINING, one recipient per message. bench/start-sink.ts compiles and starts it;
 * bench/sink.ts is the same in Node, for machines without a C compiler and for TLS. Longer than the house limit: one program
 * that is compiled by one command.
 *
 *   sink PORTS LOG DIR EVERY LATENCY SMART
 *                     listens on PORTS free ports of 127.0.0.1 and prints them; every EVERYth message is kept as
 *                     DIR/NUMBER.smtp, as it came over the wire; replies leave LATENCY milliseconds after what they answer;
 *                     SMART 1: refuses some recipients, see `judge`
 *   a line on stdin   LOG is written out; answers
 *                     "accepted bytes connections first last cpu-microseconds refused deferred"
 *   end of stdin      ends
 *
 * LOG: one line per message, "NANOSECONDS RECIPIENT CODE", when its reply is made (CLOCK_MONOTONIC, as process.hrtime).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define END_OF_DATA "\r\n.\r\n"
#define END_LENGTH 5
#define REFUSED_PERCENT 10
#define DEFERRED_PERCENT 15

enum kind { LISTENER, CONTROL, CONNECTION };
struct peer {
  enum kind kind;
  int fd, in_data, leaving;
  unsigned held;  /* batches of replies that wait for their time */
  char line[1024]; /* a command that has not ended yet */
  size_t line_length;
  char tail[END_LENGTH - 1]; /* the last bytes of the content so far: its end may be cut in two */
  size_t tail_length;
  char out[8192]; /* replies of one read */
  size_t out_length;
  char recipient[512];
  FILE *copy;
};

/* Replies that wait for their time; all wait equally long, so that a queue is in order. */
struct batch {
  struct batch *next;
  struct peer *peer;
  uint64_t due;
  size_t length;
  int last;
  char text[];
};

static uint64_t begun, messages, bytes, connections, first_at, last_at, refused, deferred, latency;
static int smart;
static struct batch *oldest, **newest = &oldest;
static FILE *log_file;
static const char *copy_dir;
static uint64_t copy_every;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void reply(struct peer *p, const char *text) {
  size_t n = strlen(text);
  if (p->out_length + n > sizeof p->out) p->leaving = 1;
  else memcpy(p->out + p->out_length, text, n), p->out_length += n;
}

static uint64_t hash_of(const char *text) {
  uint64_t hash = 14695981039346656037ull; /* FNV-1a */
  while (*text) hash = (hash ^ (unsigned char)*text++) * 1099511628211ull;
  return hash ^ (hash >> 29);
}

/* Whether it was there before; it is now. Open addressing, doubled when it is half full. */
static int remember(uint64_t hash) {
  static uint64_t *table, size, used;
  if (used * 2 >= size) {
    uint64_t *old = table, old_size = size;
    size = size ? size * 2 : 1 << 16;
    if (!(table = calloc(size, sizeof *table))) die("calloc");
    used = 0;
    for (uint64_t i = 0; i < old_size; i++) if (old[i]) remember(old[i]);
    free(old);
  }
  if (!hash) hash = 1;
  uint64_t i = hash & (size - 1);
  for (; table[i]; i = (i + 1) & (size - 1)) if (table[i] == hash) return 1;
  table[i] = hash, used++;
  return 0;
}

/* What a smart sink says to a recipient: an address in ten is refused for good, three in twenty the first time only. */
static const char *judge(const char *recipient) {
  uint64_t hash = hash_of(recipient), percent = hash % 100;
  if (percent < REFUSED_PERCENT / 2) return "550 5.1.1 The email account that you tried to reach does not exist\r\n";
  if (percent < REFUSED_PERCENT) return "552 5.2.2 The recipient's inbox is out of storage space\r\n";
  if (percent >= REFUSED_PERCENT + DEFERRED_PERCENT || remember(hash)) return NULL;
  return "451 4.7.1 Greylisted, please try again in 30 seconds\r\n";
}

static void note(const char *recipient, const char *code) {
  last_at = now();
  if (!first_at) first_at = last_at;
  fprintf(log_file, "%llu %s %.3s\n", (unsigned long long)last_at, recipient, code);
}

static void begin_data(struct peer *p) {
  if (!p->recipient[0]) return reply(p, "503 5.5.1 RCPT first\r\n");
  reply(p, "354 go ahead\r\n");
  p->in_data = 1;
  memcpy(p->tail, "\r\n", 2); /* a dot may be all there is */
  p->tail_length = 2;
  if (copy_every && begun++ % copy_every == 0) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%llu-%d.smtp", copy_dir, (unsigned long long)begun, p->fd);
    p->copy = fopen(path, "w");
  }
}

static void end_data(struct peer *p) {
  char text[64];
  messages++;
  note(p->recipient, "250");
  snprintf(text, sizeof text, "250 2.0.0 accepted as %llu\r\n", (unsigned long long)messages);
  reply(p, text);
  if (p->copy) fclose(p->copy);
  p->copy = NULL;
  p->recipient[0] = 0;
  p->in_data = 0;
}

static void command(struct peer *p) {
  const char *line = p->line;
  if (!strncasecmp(line, "EHLO", 4)) reply(p, "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 0\r\n");
  else if (!strncasecmp(line, "HELO", 4)) reply(p, "250 sink\r\n");
  else if (!strncasecmp(line, "MAIL FROM:", 10)) reply(p, "250 2.1.0 ok\r\n");
  else if (!strncasecmp(line, "RCPT TO:<", 9)) {
    size_t n = strcspn(line + 9, ">\r\n");
    if (p->recipient[0]) return reply(p, "452 4.5.3 one recipient per message\r\n");
    if (n >= sizeof p->recipient) return reply(p, "501 5.1.3 too long\r\n");
    memcpy(p->recipient, line + 9, n);
    p->recipient[n] = 0;
    const char *refusal = smart ? judge(p->recipient) : NULL;
    if (!refusal) return reply(p, "250 2.1.5 ok\r\n");
    note(p->recipient, refusal);
    refusal[0] == '5' ? refused++ : deferred++;
    p->recipient[0] = 0;
    reply(p, refusal);
  } else if (!strncasecmp(line, "DATA", 4)) begin_data(p);
  else if (!strncasecmp(line, "RSET", 4)) p->recipient[0] = 0, reply(p, "250 2.0.0 ok\r\n");
  else if (!strncasecmp(line, "NOOP", 4)) reply(p, "250 2.0.0 ok\r\n");
  else if (!strncasecmp(line, "QUIT", 4)) reply(p, "221 2.0.0 bye\r\n"), p->leaving = 1;
  else reply(p, "502 5.5.2 not implemented\r\n");
}

/* How many of these bytes belong to the content up to its end; 0: it has not ended. */
static size_t content_end(struct peer *p, const char *data, size_t n) {
  char edge[2 * (END_LENGTH - 1)];
  size_t head = n < END_LENGTH - 1 ? n : END_LENGTH - 1;
  memcpy(edge, p->tail, p->tail_length);
  memcpy(edge + p->tail_length, data, head);
  char *cut = memmem(edge, p->tail_length + head, END_OF_DATA, END_LENGTH);
  if (cut) return (size_t)(cut - edge) + END_LENGTH - p->tail_length;
  char *whole = memmem(data, n, END_OF_DATA, END_LENGTH);
  if (whole) return (size_t)(whole - data) + END_LENGTH;
  size_t known = p->tail_length + head, keep = known < sizeof p->tail ? known : sizeof p->tail;
  if (n >= sizeof p->tail) memcpy(p->tail, data + n - sizeof p->tail, keep = sizeof p->tail);
  else memmove(p->tail, edge + known - keep, keep);
  p->tail_length = keep;
  return 0;
}

static void receive(struct peer *p, const char *data, size_t n) {
  while (n > 0 && !p->leaving) {
    size_t taken;
    if (p->in_data) {
      size_t end = content_end(p, data, n);
      taken = end ? end : n;
      bytes += taken;
      if (p->copy) fwrite(data, 1, taken, p->copy);
      if (end) end_data(p);
    } else {
      char *newline = memchr(data, '\n', n);
      taken = newline ? (size_t)(newline - data) + 1 : n;
      if (p->line_length + taken >= sizeof p->line) { p->leaving = 1; return; }
      memcpy(p->line + p->line_length, data, taken);
      p->line_length += taken;
      p->line[p->line_length] = 0;
      if (newline) command(p), p->line_length = 0;
    }
    data += taken, n -= taken;
  }
}

static void watch(int epoll, struct peer *p) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &event)) die("epoll_ctl");
}

static struct peer *new_peer(enum kind kind, int fd) {
  struct peer *p = calloc(1, sizeof *p);
  if (!p) die("calloc");
  p->kind = kind, p->fd = fd;
  return p;
}

static void end(struct peer *p) {
  close(p->fd);
  if (p->copy) fclose(p->copy);
  p->copy = NULL, p->fd = -1;
  if (!p->held) free(p);
}

/* Replies of one read always fit into the socket's buffer, unless the client does not read them. */
static int deliver(struct peer *p, const char *text, size_t length) {
  return !length || write(p->fd, text, length) == (ssize_t)length;
}

static void hold(struct peer *p, const char *text, size_t length, int last) {
  struct batch *b = malloc(sizeof *b + length);
  if (!b) die("malloc");
  *b = (struct batch){.peer = p, .due = now() + latency, .length = length, .last = last};
  memcpy(b->text, text, length);
  *newest = b, newest = &b->next;
  p->held++;
}

/* Milliseconds until the next batch is due; -1: there is none. */
static int release_due(void) {
  while (oldest) {
    struct batch *b = oldest;
    uint64_t at = now();
    if (b->due > at) return (int)((b->due - at + 999999) / 1000000);
    if (!(oldest = b->next)) newest = &oldest;
    struct peer *p = b->peer;
    p->held--;
    int isOpen = p->fd >= 0;
    if (isOpen && (!deliver(p, b->text, b->length) || b->last)) end(p);
    else if (!isOpen && !p->held) free(p);
    free(b);
  }
  return -1;
}

static void listen_on_free_port(int epoll) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof a;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&a, length) || listen(fd, 4096)) die("listen");
  getsockname(fd, (struct sockaddr *)&a, &length);
  printf("%d ", ntohs(a.sin_port));
  watch(epoll, new_peer(LISTENER, fd));
}

static void accept_all(int epoll, int listener) {
  int fd, one = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    connections++;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct peer *p = new_peer(CONNECTION, fd);
    watch(epoll, p);
    if (latency) { hold(p, "220 sink ESMTP\r\n", 16, 0); continue; }
    if (write(fd, "220 sink ESMTP\r\n", 16) < 0) continue; /* its next read fails too */
  }
}

static void answer_control(void) {
  char text[256];
  if (read(0, text, sizeof text) <= 0) exit(0);
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  uint64_t cpu = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000ull + (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  uint64_t all[] = {messages, bytes, connections, first_at, last_at, cpu, refused, deferred};
  fflush(log_file);
  for (int i = 0; i < 8; i++) printf("%llu%c", (unsigned long long)all[i], i < 7 ? ' ' : '\n');
  fflush(stdout);
}

static void serve(struct peer *p) {
  static char data[1 << 18];
  ssize_t n = read(p->fd, data, sizeof data);
  if (n < 0 && errno == EAGAIN) return;
  if (n > 0) receive(p, data, (size_t)n);
  size_t length = p->out_length;
  p->out_length = 0;
  if (n <= 0) return end(p);
  if (latency && length) return hold(p, p->out, length, p->leaving);
  if (!deliver(p, p->out, length) || p->leaving) end(p);
}

int main(int count, char **argument) {
  if (count != 7) return fprintf(stderr, "usage: sink PORTS LOG DIR EVERY LATENCY SMART\n"), 2;
  signal(SIGPIPE, SIG_IGN);
  if (!(log_file = fopen(argument[2], "w"))) die(argument[2]);
  copy_dir = argument[3], copy_every = strtoull(argument[4], NULL, 10);
  latency = strtoull(argument[5], NULL, 10) * 1000000ull, smart = atoi(argument[6]);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = atoi(argument[1]); i > 0; i--) listen_on_free_port(epoll);
  printf("\n");
  fflush(stdout);
  watch(epoll, new_peer(CONTROL, 0));
  for (;;) {
    struct epoll_event events[256];
    int n = epoll_wait(epoll, events, 256, release_due());
    for (int i = 0; i < n; i++) {
      struct peer *p = events[i].data.ptr;
      if (p->kind == LISTENER) accept_all(epoll, p->fd);
      else if (p->kind == CONTROL) answer_control();
      else serve(p);
    }
  }
}
