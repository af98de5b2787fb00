/*
 * The peer: libzmq's own XSUB/XPUB proxy, set to lose nothing.
 *
 *     zmq_relay --publishers ENDPOINT --subscribers ENDPOINT
 */
#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "common.h"

enum { HIGH_WATER_MARK = 10000, BACKLOG = 4096 };

static void *bind_socket(void *context, int type, const char *endpoint)
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
    if (zmq_bind(socket, endpoint) != 0)
        fail(errno, "%s", endpoint);
    return socket;
}

int main(int count, char **arguments)
{
    if (count != 5 || strcmp(arguments[1], "--publishers") != 0
        || strcmp(arguments[3], "--subscribers") != 0)
        fail(0, "usage: zmq_relay --publishers ENDPOINT --subscribers ENDPOINT");
    raise_file_limit();
    void *context = zmq_ctx_new();
    void *publishers = bind_socket(context, ZMQ_XSUB, arguments[2]);
    void *subscribers = bind_socket(context, ZMQ_XPUB, arguments[4]);
    zmq_proxy(publishers, subscribers, NULL);
    return 0;
}
