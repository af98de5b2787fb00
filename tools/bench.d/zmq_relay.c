/*
 * The peer: libzmq's own XSUB/XPUB proxy, set to lose nothing.
 *
 *     zmq_relay --publishers ENDPOINT --subscribers ENDPOINT [--secret-key Z85 | --parent ENDPOINT]
 *
 * With a key it is a server of CURVE that lets anybody in; with a parent, another proxy's subscribers, it is a node of a tree.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zmq.h>

#include "common.h"

enum { HIGH_WATER_MARK = 10000, BACKLOG = 4096 };

static void *bind_socket(void *context, int type, const char *endpoint, const char *secret_key)
{
    int high_water_mark = HIGH_WATER_MARK, backlog = BACKLOG;
    void *socket = zmq_socket(context, type);
    if (socket == NULL)
        fail(errno, "zmq_socket");
    zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water_mark, sizeof high_water_mark);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water_mark, sizeof high_water_mark);
    zmq_setsockopt(socket, ZMQ_BACKLOG, &backlog, sizeof backlog);
    if (type == ZMQ_XPUB) {
        int on = 1;
        zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on);
    }
    if (secret_key != NULL) {
        int on = 1;
        zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on);
        if (zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, strlen(secret_key)) != 0)
            fail(errno, "--secret-key");
    }
    if (zmq_bind(socket, endpoint) != 0)
        fail(errno, "%s", endpoint);
    return socket;
}

int main(int count, char **arguments)
{
    bool has_key = count == 7 && strcmp(arguments[5], "--secret-key") == 0;
    bool has_parent = count == 7 && strcmp(arguments[5], "--parent") == 0;
    if ((count != 5 && !has_key && !has_parent) || strcmp(arguments[1], "--publishers") != 0
        || strcmp(arguments[3], "--subscribers") != 0)
        fail(0, "usage: zmq_relay --publishers ENDPOINT --subscribers ENDPOINT "
                "[--secret-key Z85 | --parent ENDPOINT]");
    const char *secret_key = has_key ? arguments[6] : NULL;
    raise_file_limit();
    void *context = zmq_ctx_new();
    void *publishers = bind_socket(context, ZMQ_XSUB, arguments[2], secret_key);
    if (has_parent && zmq_connect(publishers, arguments[6]) != 0)
        fail(errno, "%s", arguments[6]);
    void *subscribers = bind_socket(context, ZMQ_XPUB, arguments[4], secret_key);
    zmq_proxy(publishers, subscribers, NULL);
    return 0;
}
