// The ceilings that the programs are measured against: librabbitmq and libcurl with nothing of ours between.
//
//   raw publish URL EXCHANGE COUNT WINDOW    publishes COUNT posts of 6 headers, WINDOW of them unconfirmed at most
//   raw consume URL QUEUE COUNT              consumes and acknowledges COUNT messages
//   raw fetch   URL QUEUE COUNT FOLDER N     consumes posts, fetches each file into FOLDER, N at a time, acknowledges
//   raw declare URL EXCHANGE                 makes a durable topic exchange
//   raw queue   URL QUEUE EXCHANGE           makes a durable queue that has all of the exchange; deletes one of that name before
#include <sys/time.h>
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TRANSFERS = 64, BATCH = 100 };

static void die(const char *what)
{
    fprintf(stderr, "raw: %s\n", what);
    exit(1);
}

static void check(amqp_rpc_reply_t reply, const char *what)
{
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) die(what);
}

static amqp_connection_state_t connected(char *url)
{
    struct amqp_connection_info info;
    if (amqp_parse_url(url, &info) != AMQP_STATUS_OK) die("cannot read the URL");
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (!socket || amqp_socket_open(socket, info.host, info.port)) die("cannot connect");
    check(amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password), "login");
    amqp_channel_open(connection, 1);
    check(amqp_get_rpc_reply(connection), "channel");
    return connection;
}

// Reads confirmations until at most `allowed` of `sent` messages wait for one. Returns how many are confirmed.
static long confirm(amqp_connection_state_t connection, long sent, long done, long allowed)
{
    while (sent - done > allowed) {
        amqp_frame_t frame;
        amqp_maybe_release_buffers(connection);
        if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) die("waiting for confirmations");
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) die("a message was not taken");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        // On one queue RabbitMQ confirms in order.
        done = ack->multiple ? (long)ack->delivery_tag : done + 1;
    }
    return done;
}

static void publish(amqp_connection_state_t connection, char *exchange, long count, long window)
{
    amqp_confirm_select(connection, 1);
    check(amqp_get_rpc_reply(connection), "confirm");
    const char *names[] = {"parts", "sum", "mtime", "mode", "source", "from_cluster"};
    const char *values[] = {"1,1024,1,0,0", "d,0123456789abcdef0123456789abcdef", "20261126010203.123456789", "644", "alice", "local"};
    amqp_table_entry_t entries[6];
    for (int i = 0; i < 6; i++) {
        entries[i].key = amqp_cstring_bytes(names[i]);
        entries[i].value.kind = AMQP_FIELD_KIND_UTF8;
        entries[i].value.value.bytes = amqp_cstring_bytes(values[i]);
    }
    amqp_basic_properties_t properties = {0};
    properties._flags = AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG;
    properties.delivery_mode = 2;
    properties.content_type = amqp_cstring_bytes("text/plain");
    properties.headers.num_entries = 6;
    properties.headers.entries = entries;
    long done = 0;
    for (long sent = 0; sent < count; sent++) {
        char body[256], topic[64];
        snprintf(topic, sizeof topic, "v02.post.small.%ld", sent % 100);
        snprintf(body, sizeof body, "20261126010203.123456789 http://127.0.0.1:8080/ small/%ld/%ld", sent % 100, sent / 100);
        if (amqp_basic_publish(connection, 1, amqp_cstring_bytes(exchange), amqp_cstring_bytes(topic), 0, 0, &properties,
                               amqp_cstring_bytes(body)))
            die("publish");
        done = confirm(connection, sent + 1, done, window);
    }
    confirm(connection, count, done, 0);
}

static void begin_consuming(amqp_connection_state_t connection, char *queue, int prefetch)
{
    amqp_basic_qos(connection, 1, 0, prefetch, 0);
    check(amqp_get_rpc_reply(connection), "qos");
    amqp_basic_consume(connection, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check(amqp_get_rpc_reply(connection), "consume");
}

static void consume(amqp_connection_state_t connection, char *queue, long count)
{
    begin_consuming(connection, queue, 500);
    for (long got = 1; got <= count; got++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        check(amqp_consume_message(connection, &envelope, NULL, 0), "consuming");
        if (got % BATCH == 0 || got == count) amqp_basic_ack(connection, 1, envelope.delivery_tag, 1);
        amqp_destroy_envelope(&envelope);
    }
}

struct transfer {
    CURL *handle;
    int file;
    uint64_t tag;
};

static size_t store(char *bytes, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    return write(transfer->file, bytes, size * count) < 0 ? 0 : size * count;
}

// Begins the transfer that a post's body asks for: "<time> <base> <relpath>".
static void begin(struct transfer *transfer, amqp_envelope_t *envelope, const char *folder, CURLM *multi)
{
    char body[1024], url[1024], path[1024];
    size_t length = envelope->message.body.len;
    if (length >= sizeof body) die("a body that is too long");
    memcpy(body, envelope->message.body.bytes, length);
    body[length] = 0;
    char *base = strchr(body, ' '), *relpath = base ? strchr(base + 1, ' ') : NULL;
    if (!relpath) die("a body that is none");
    *base++ = 0;
    *relpath++ = 0;
    snprintf(url, sizeof url, "%s%s", base, relpath);
    snprintf(path, sizeof path, "%s/%s", folder, relpath);
    transfer->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (transfer->file < 0) {
        for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
            *slash = 0;
            mkdir(path, 0755);
        }
        transfer->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (transfer->file < 0) die("cannot make a file");
    }
    transfer->tag = envelope->delivery_tag;
    curl_easy_setopt(transfer->handle, CURLOPT_URL, url);
    curl_multi_add_handle(multi, transfer->handle);
}

static void fetch(amqp_connection_state_t connection, char *queue, long count, const char *folder, int parallel)
{
    static struct transfer transfers[MAX_TRANSFERS];
    struct transfer *idle[MAX_TRANSFERS];
    int idle_count = 0;
    if (parallel < 1 || parallel > MAX_TRANSFERS) die("1 to 64 at a time");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    for (int i = 0; i < parallel; i++) {
        transfers[i].handle = curl_easy_init();
        curl_easy_setopt(transfers[i].handle, CURLOPT_WRITEFUNCTION, store);
        curl_easy_setopt(transfers[i].handle, CURLOPT_WRITEDATA, &transfers[i]);
        curl_easy_setopt(transfers[i].handle, CURLOPT_PRIVATE, &transfers[i]);
        curl_easy_setopt(transfers[i].handle, CURLOPT_FAILONERROR, 1L);
        idle[idle_count++] = &transfers[i];
    }
    begin_consuming(connection, queue, 500);
    struct curl_waitfd broker = {.fd = amqp_get_sockfd(connection), .events = CURL_WAIT_POLLIN};
    for (long done = 0; done < count;) {
        while (idle_count > 0) {
            amqp_envelope_t envelope;
            struct timeval now = {0, 0};
            amqp_maybe_release_buffers(connection);
            amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &now, 0);
            if (reply.reply_type != AMQP_RESPONSE_NORMAL) break;
            begin(idle[--idle_count], &envelope, folder, multi);
            amqp_destroy_envelope(&envelope);
        }
        int running, left;
        curl_multi_perform(multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
            struct transfer *transfer;
            if (message->data.result != CURLE_OK) die(curl_easy_strerror(message->data.result));
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            curl_multi_remove_handle(multi, message->easy_handle);
            close(transfer->file);
            amqp_basic_ack(connection, 1, transfer->tag, 0);
            idle[idle_count++] = transfer;
            done++;
        }
        if (running > 0 || idle_count == parallel) curl_multi_poll(multi, &broker, idle_count > 0 ? 1 : 0, 100, NULL);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) die("usage: raw publish|consume|fetch|declare|queue URL …");
    char *url = strdup(argv[2]), *work = argv[1], *name = argv[3];
    amqp_connection_state_t connection = connected(url);
    if (!strcmp(work, "publish") && argc == 6) {
        publish(connection, name, atol(argv[4]), atol(argv[5]));
    } else if (!strcmp(work, "consume") && argc == 5) {
        consume(connection, name, atol(argv[4]));
    } else if (!strcmp(work, "fetch") && argc == 7) {
        fetch(connection, name, atol(argv[4]), argv[5], atoi(argv[6]));
    } else if (!strcmp(work, "declare")) {
        amqp_exchange_declare(connection, 1, amqp_cstring_bytes(name), amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
        check(amqp_get_rpc_reply(connection), "declaring the exchange");
    } else if (!strcmp(work, "queue") && argc == 5) {
        amqp_queue_delete(connection, 1, amqp_cstring_bytes(name), 0, 0);
        check(amqp_get_rpc_reply(connection), "deleting the queue");
        amqp_queue_declare(connection, 1, amqp_cstring_bytes(name), 0, 1, 0, 0, amqp_empty_table);
        check(amqp_get_rpc_reply(connection), "declaring the queue");
        amqp_queue_bind(connection, 1, amqp_cstring_bytes(name), amqp_cstring_bytes(argv[4]), amqp_cstring_bytes("#"), amqp_empty_table);
        check(amqp_get_rpc_reply(connection), "binding the queue");
    } else {
        die("usage: raw publish|consume|fetch|declare|queue URL …");
    }
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    return 0;
}
