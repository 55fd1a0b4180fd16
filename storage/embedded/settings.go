package embedded

import (
	"net"
	"os"
	"sort"
	"strconv"
	"strings"
)

const logLimit = 8 << 20 // one such file, and one before it

// settings are the arguments of postgres. They are given at each start instead
// of being written into the cluster, so that they are always this version's.
func (e errand) settings() ([]string, error) {
	set := map[string]string{
		// Nobody but this machine's owner of the folder may come in.
		"listen_addresses":        "",
		"port":                    strconv.Itoa(sockPort),
		"unix_socket_directories": e.Room,
		"unix_socket_permissions": "0700",
		"password_encryption":     "scram-sha-256",

		// A small machine that serves a web program with short statements.
		"shared_buffers":     "128MB",
		"max_connections":    "100",
		"huge_pages":         "off",
		"jit":                "off",
		"random_page_cost":   "1.1",
		"TimeZone":           "UTC",
		"log_timezone":       "UTC",
		"synchronous_commit": "on",
		"fsync":              "on",
		"full_page_writes":   "on",

		// The keeper bounds the file. What goes wrong with a statement is told to
		// the program; in the log it would leave people's data.
		"logging_collector":       "off",
		"log_destination":         "stderr",
		"log_line_prefix":         "%m [%p] ",
		"log_min_messages":        "log",
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
		"log_checkpoints":         "off",
	}
	if e.Unsafe {
		set["fsync"], set["synchronous_commit"], set["full_page_writes"] = "off", "off", "off"
		set["max_connections"] = "300" // many packages' tests share one server
	}
	if !socketFits(e.Room) {
		port, err := e.port()
		if err != nil {
			return nil, err
		}
		set["unix_socket_directories"], set["listen_addresses"], set["port"] = "", "127.0.0.1", strconv.Itoa(port)
	}
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	sort.Strings(names)
	args := []string{"-D", e.cluster()}
	for _, name := range names {
		args = append(args, "-c", name+"="+set[name])
	}
	return args, nil
}

// port is the one used before, so that an address in use stays right, or a free one.
func (e errand) port() (int, error) {
	kept, _ := os.ReadFile(e.file(portFile))
	if port, err := strconv.Atoi(strings.TrimSpace(string(kept))); err == nil && free(port) {
		return port, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, failed(err, "there is no free port on 127.0.0.1")
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	if err := os.WriteFile(e.file(portFile), []byte(strconv.Itoa(port)+"\n"), 0o600); err != nil {
		return 0, failed(err, "the port of PostgreSQL cannot be kept")
	}
	return port, nil
}

func free(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

// boundLog keeps the log from growing for ever. The server goes on writing into
// the same file, so it is copied and emptied and not renamed.
func (k *keeper) boundLog() {
	info, err := k.log.Stat()
	if err != nil || info.Size() < logLimit {
		return
	}
	text, err := os.ReadFile(k.file(logFile))
	if err == nil {
		err = os.WriteFile(k.file(logFile+".1"), text[max(0, len(text)-logLimit):], 0o600)
	}
	if err != nil {
		k.note("the log could not be kept: %v", err)
	}
	if err := os.Truncate(k.file(logFile), 0); err != nil {
		k.note("the log could not be bounded: %v", err)
	}
}
