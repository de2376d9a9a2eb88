FROM a:1
USER 1
RUN sudo x
