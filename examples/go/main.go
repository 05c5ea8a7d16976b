// Authorizes subscriptions. Pusher SDKs call it before they subscribe to a private or presence channel.
package main

import (
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/pusher/pusher-http-go/v5"
)

type user struct{ id, name string }

// Replace these with your application's sessions and users.
var users = map[string]user{
	"token-of-ada": {"ada", "Ada"},
	"token-of-bo":  {"bo", "Bo"},
}

var client = pusher.Client{
	AppID:  os.Getenv("SOKETIFY_APP_ID"),
	Key:    os.Getenv("SOKETIFY_APP_KEY"),
	Secret: os.Getenv("SOKETIFY_APP_SECRET"),
	Host:   or(os.Getenv("SOKETIFY_HOST"), "127.0.0.1") + ":" + or(os.Getenv("SOKETIFY_PORT"), "6001"),
}

func main() {
	http.HandleFunc("/pusher/auth", authorize)
	http.HandleFunc("/pusher/user-auth", authenticate)
	port := or(os.Getenv("PORT"), "3010")
	err := http.ListenAndServe("127.0.0.1:"+port, nil)
	log.Fatalf("Port %s is not available (%v). Set PORT to another port.", port, err)
}

func authorize(response http.ResponseWriter, request *http.Request) {
	user, ok := userOf(request)
	if !ok {
		http.Error(response, "Log in first", http.StatusForbidden)
		return
	}
	params := paramsOf(request)
	switch request.PostForm.Get("channel_name") {
	case "presence-room":
		answer(response)(client.AuthorizePresenceChannel(params, pusher.MemberData{
			UserID:   user.id,
			UserInfo: map[string]string{"name": user.name},
		}))
	case "private-inbox-" + user.id:
		answer(response)(client.AuthorizePrivateChannel(params))
	default:
		http.Error(response, "You may not join this channel", http.StatusForbidden)
	}
}

func authenticate(response http.ResponseWriter, request *http.Request) {
	user, ok := userOf(request)
	if !ok {
		http.Error(response, "Log in first", http.StatusForbidden)
		return
	}
	data := map[string]interface{}{"id": user.id, "user_info": map[string]string{"name": user.name}}
	answer(response)(client.AuthenticateUser(paramsOf(request), data))
}

func userOf(request *http.Request) (user, bool) {
	found, ok := users[strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")]
	return found, ok
}

// The SDK parses these parameters from the form as the client sent it.
func paramsOf(request *http.Request) []byte {
	request.ParseForm()
	form := url.Values{}
	for _, name := range []string{"socket_id", "channel_name"} {
		if value := request.PostForm.Get(name); value != "" {
			form.Set(name, value)
		}
	}
	return []byte(form.Encode())
}

func answer(response http.ResponseWriter) func([]byte, error) {
	return func(body []byte, err error) {
		if err != nil {
			http.Error(response, err.Error(), http.StatusForbidden)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		response.Write(body)
	}
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
