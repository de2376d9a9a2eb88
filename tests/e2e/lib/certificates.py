"""Certification authorities and certificates, made by openssl."""

import os
import subprocess


def openssl(*arguments, **options):
    done = subprocess.run(["openssl"] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **options)
    if done.returncode:
        raise RuntimeError("openssl %s: %s" % (" ".join(arguments), done.stdout.decode(errors="replace")))
    return done.stdout


class Authority:
    """A CA in a directory of its own: ca.crt, ca.key and what it issues."""

    def __init__(self, directory, name):
        self.directory = directory
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self.key, self.certificate = self.path("ca.key"), self.path("ca.crt")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=%s" % name, "-days", "2", "-keyout", self.key, "-out", self.certificate,
                "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def path(self, name):
        return os.path.join(self.directory, name)

    def issue(self, name, common_name, organization=None, hosts=(), usage="serverAuth,clientAuth"):
        """NAME.crt and NAME.key, for the hosts (DNS:..., IP:...); returns both paths."""
        key, request, certificate = (self.path(name + end) for end in (".key", ".csr", ".crt"))
        subject = ("/O=%s" % organization if organization else "") + "/CN=%s" % common_name
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", subject, "-keyout", key, "-out", request)
        extensions = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        extensions += "extendedKeyUsage=%s\n" % usage
        if hosts:
            extensions += "subjectAltName=%s\n" % ",".join(hosts)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-days", "2", "-extfile", "/dev/stdin", "-out", certificate,
                input=extensions.encode())
        return certificate, key

    def pem(self):
        with open(self.certificate, encoding="ascii") as file:
            return file.read()
