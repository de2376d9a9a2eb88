"""Debian's registry on loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time

from base import Failure, need, output


class Registry:
    """Debian's registry on loopback, with TLS and a login."""

    USER, PASSWORD = 'reader', 'passphrase'
    LOGIN = f'{USER}:{PASSWORD}'

    def __init__(self, work):
        need('docker-registry', 'docker-registry')
        need('openssl', 'openssl')
        need('htpasswd', 'apache2-utils')
        need('skopeo', 'skopeo')
        self.work = f'{work}/registry'
        os.makedirs(self.work)
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            self.port = s.getsockname()[1]
        self.host = f'localhost:{self.port}'
        output('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
               '-addext', 'subjectAltName=DNS:localhost', '-keyout', f'{self.work}/key.pem', '-out',
               f'{self.work}/ca.pem')
        with open(f'{self.work}/htpasswd', 'wb') as out:
            out.write(output('htpasswd', '-Bbn', self.USER, self.PASSWORD))
        with open(f'{self.work}/config.yml', 'w') as out:
            json.dump({'version': 0.1, 'storage': {'filesystem': {'rootdirectory': f'{self.work}/data'}},
                       'auth': {'htpasswd': {'realm': 'test', 'path': f'{self.work}/htpasswd'}},
                       'http': {'addr': f'127.0.0.1:{self.port}',
                                'tls': {'certificate': f'{self.work}/ca.pem', 'key': f'{self.work}/key.pem'}}}, out)
        with open(f'{self.work}/auth.json', 'w') as out:
            json.dump({'auths': {self.host: {'username': self.USER, 'password': self.PASSWORD}}}, out)
        with open(f'{self.work}/log', 'wb') as log:
            self.process = subprocess.Popen(['docker-registry', 'serve', f'{self.work}/config.yml'], stdout=log,
                                            stderr=log)
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(('127.0.0.1', self.port)) == 0:
                    return
            time.sleep(0.05)
        raise Failure('the registry does not start')

    def options(self):
        return '--registry-ca', f'{self.work}/ca.pem', '--registry-auth', f'{self.work}/auth.json'

    def certificates(self):
        """A folder of them, as tools of containers want it."""
        folder = f'{self.work}/certs'
        os.makedirs(folder, exist_ok=True)
        shutil.copy(f'{self.work}/ca.pem', f'{folder}/ca.crt')
        return folder

    def push(self, layout, name):
        output('skopeo', 'copy', '--dest-cert-dir', self.certificates(), '--dest-creds', self.LOGIN,
               f'oci:{layout}:system', f'docker://{self.host}/{name}')

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
