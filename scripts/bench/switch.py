"""The servers that a measurement needs: a whole switch, and data servers."""
import os, signal, socket, subprocess, time

from measure import die


class Switch:
    """A switch of its own below `folder`, showing `served`; its programs come from `programs`."""

    def __init__(self, folder, served, programs):
        self.process = subprocess.Popen(
            [programs + "/dd_switch", "up", "--serve", served, folder], stdout=open(folder + ".log", "w"), stderr=subprocess.STDOUT)
        limit = time.monotonic() + 120
        while not os.path.exists(folder + "/env"):
            if self.process.poll() is not None or time.monotonic() > limit:
                die(f"the switch does not stand, see {folder}.log")
            time.sleep(0.1)
        self.env = {}
        for line in open(folder + "/env"):
            name, sign, value = line.strip().removeprefix("export ").partition("=")
            if sign:
                self.env[name] = value.strip("'\"")
        os.environ["DD_CONFIG_HOME"], os.environ["DD_STATE_HOME"] = folder + "/etc", folder + ".state"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class WebServer:
    """An nginx of one worker with the locations given, its own files in `folder`."""

    def __init__(self, folder, locations):
        os.makedirs(folder)
        self.folder = folder
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        user = "user root;" if os.geteuid() == 0 else ""
        with open(folder + "/nginx.conf", "w") as file:
            file.write(f"""daemon off; worker_processes 1; {user} pid {folder}/pid; error_log {folder}/error.log crit;
                events {{ worker_connections 1024; }}
                http {{ {temporary} access_log off; keepalive_requests 100000; server {{ listen 127.0.0.1:{port}; {locations} }} }}""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class FailingServers:
    """A web server that serves `root` below /good/ and fails in every other folder, and a server that takes connections and is silent."""

    FAULTS = {
        "404": "return 404;",
        "500": "return 500;",
        "short": "return 200 'abc';",
        "wrong": f"return 200 '{'x' * 1024}';",
        "none": "return 444;",
        "loop": "return 302 $uri;",
        "file": "return 302 file:///etc/hostname;",
    }

    def __init__(self, folder, root):
        self.silent = socket.create_server(("127.0.0.1", 0), backlog=4096)
        places = "".join(f"location /{name}/ {{ {what} }}\n" for name, what in self.FAULTS.items())
        self.web = WebServer(folder, places + f"location /good/ {{ alias {root}/; access_log {folder}/access.log; }}")
        self.url = self.web.url

    def urls(self):
        """One for each way to fail."""
        port = self.silent.getsockname()[1]
        return [self.url + name + "/" for name in self.FAULTS] + [f"http://127.0.0.1:{port}/"]

    def served(self):
        try:
            with open(self.web.folder + "/access.log", "rb") as file:
                return file.read().count(b"\n")
        except FileNotFoundError:
            return 0

    def stop(self):
        self.silent.close()
        self.web.stop()
