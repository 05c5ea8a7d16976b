/** A TCP proxy between the page and Soketify, with a switch: while it is off, it breaks connections and refuses new ones. */
import { connect, createServer } from "node:net";

export class Network {
  isOn = true;
  #sockets = new Set();
  #server;

  /** @param {number} targetPort port on this machine */
  constructor(targetPort) {
    this.#server = createServer((socket) => {
      if (!this.isOn) return socket.destroy();
      const target = connect(targetPort, "127.0.0.1");
      for (const [from, to] of [
        [socket, target],
        [target, socket],
      ]) {
        this.#sockets.add(from);
        // When one side ends, end the other.
        from.on("error", () => to.destroy());
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  /** @returns {Promise<number>} the port that the page connects to */
  open() {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => resolve(this.#server.address().port));
    });
  }

  turn(isOn) {
    this.isOn = isOn;
    if (!isOn) for (const socket of this.#sockets) socket.destroy();
  }
}
