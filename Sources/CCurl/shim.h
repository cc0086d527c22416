// libcurl for Swift. curl_easy_setopt and curl_easy_getinfo are variadic, so Swift does not see them: one wrapper per type of
// argument. The parentheses keep libcurl's type-checking macros of the same names out of the way.
#ifndef DD_CCURL_SHIM_H
#define DD_CCURL_SHIM_H

#include <curl/curl.h>
#include <sys/socket.h>

typedef size_t (*dd_curl_data_callback)(char *, size_t, size_t, void *);
typedef int (*dd_curl_seek_callback)(void *, curl_off_t, int);
typedef curl_socket_t (*dd_curl_opensocket_callback)(void *, curlsocktype, struct curl_sockaddr *);
typedef int (*dd_curl_progress_callback)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
typedef int (*dd_curl_host_key_callback)(CURL *, const struct curl_khkey *, const struct curl_khkey *, enum curl_khmatch, void *);

static inline CURLcode dd_curl_set_long(CURL *h, CURLoption o, long v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode dd_curl_set_string(CURL *h, CURLoption o, const char *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode dd_curl_set_off(CURL *h, CURLoption o, curl_off_t v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode dd_curl_set_pointer(CURL *h, CURLoption o, void *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode dd_curl_set_data_callback(CURL *h, CURLoption o, dd_curl_data_callback v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode dd_curl_set_seek(CURL *h, dd_curl_seek_callback v) { return (curl_easy_setopt)(h, CURLOPT_SEEKFUNCTION, v); }
static inline CURLcode dd_curl_set_opensocket(CURL *h, dd_curl_opensocket_callback v) { return (curl_easy_setopt)(h, CURLOPT_OPENSOCKETFUNCTION, v); }
static inline CURLcode dd_curl_set_progress(CURL *h, dd_curl_progress_callback v) { return (curl_easy_setopt)(h, CURLOPT_XFERINFOFUNCTION, v); }
static inline CURLcode dd_curl_set_host_key(CURL *h, dd_curl_host_key_callback v) { return (curl_easy_setopt)(h, CURLOPT_SSH_KEYFUNCTION, v); }
static inline CURLcode dd_curl_get_long(CURL *h, CURLINFO i, long *v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLcode dd_curl_get_off(CURL *h, CURLINFO i, curl_off_t *v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLcode dd_curl_get_string(CURL *h, CURLINFO i, char **v) { return (curl_easy_getinfo)(h, i, v); }

// CURL_GLOBAL_DEFAULT is a macro of macros that Swift does not import.
static inline CURLcode dd_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

// Macros with casts, which Swift does not import.
static inline curl_socket_t dd_curl_socket_bad(void) { return CURL_SOCKET_BAD; }
static const long dd_curl_auth_basic = CURLAUTH_BASIC;
static const long dd_curl_auth_bearer = CURLAUTH_BEARER;

// The version of libssh2 in libcurl, as "libssh2/1.10.0"; NULL without ssh.
static inline const char *dd_curl_ssh_version(void) { return curl_version_info(CURLVERSION_NOW)->libssh_version; }

#endif
