// librabbitmq for Swift: only what Swift cannot call by itself, each with the reason.
#ifndef DD_CRABBITMQ_SHIM_H
#define DD_CRABBITMQ_SHIM_H

#include <sys/time.h>
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

// amqp_login_with_properties is variadic, so Swift does not see it. The SASL method is always PLAIN here: the password travels
// as the last two arguments.
static inline amqp_rpc_reply_t dd_amqp_login_plain(
    amqp_connection_state_t connection, const char *vhost, int channel_max, int frame_max, int heartbeat_seconds,
    const amqp_table_t *client_properties, const char *user, const char *password)
{
    return amqp_login_with_properties(
        connection, vhost, channel_max, frame_max, heartbeat_seconds, client_properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

#endif
