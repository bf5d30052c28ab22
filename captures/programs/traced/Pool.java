import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URL;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A fixed pool of threads that handle requests and ask the program at BACK_PORT, over keep-alive connections. With
 * HAND_OVER each request is read by one pool and handled, called for and answered by a second one.
 *
 * /orders/N asks twice, /pages/N three times, /visits/N once; anything else is not there.
 */
public class Pool {
    private static final String BACK = "http://127.0.0.1:" + System.getenv("BACK_PORT");
    private static final int SIZE = Integer.parseInt(System.getenv("POOL"));
    private static final SecureRandom RANDOM = new SecureRandom();

    public static void main(String[] arguments) throws IOException {
        // Else each answer, written in two pieces, waits for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
        HttpServer server = HttpServer.create(address, 256);
        server.setExecutor(Executors.newFixedThreadPool(SIZE));
        ExecutorService second = Executors.newFixedThreadPool(SIZE);
        boolean handOver = System.getenv("HAND_OVER") != null;
        server.createContext("/", exchange -> {
            if (handOver) second.execute(() -> handle(exchange));
            else handle(exchange);
        });
        server.start();
    }

    private static void handle(HttpExchange exchange) {
        try (exchange) {
            String[] parent = exchange.getRequestHeaders().getFirst("traceparent").split("-");
            String[] path = exchange.getRequestURI().getPath().split("/");
            String body = path.length == 3 ? work(parent[1], parent[2], path[1], Integer.parseInt(path[2])) : null;
            byte[] data = (body == null ? "{\"error\":\"no such page\"}" : body).getBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(body == null ? 404 : 200, data.length);
            exchange.getResponseBody().write(data);
        } catch (IOException | InterruptedException failure) {
            System.err.println(failure);
        }
    }

    private static String work(String trace, String parent, String kind, int number)
            throws IOException, InterruptedException {
        switch (kind) {
            case "orders":
                String order = ask(trace, parent, "/orders/" + number);
                Thread.sleep(number % 4);
                return "[" + order + "," + ask(trace, parent, "/visits/" + number) + "]";
            case "pages":
                String first = ask(trace, parent, "/visits/" + number);
                String then = ask(trace, parent, "/visits/" + (number + 1));
                return "[" + first + "," + then + "," + ask(trace, parent, "/orders/" + (number + 2)) + "]";
            case "visits":
                return ask(trace, parent, "/visits/" + number);
            default:
                return null;
        }
    }

    private static String ask(String trace, String parent, String path) throws IOException {
        String span = String.format("%016x", RANDOM.nextLong());
        var connection = (HttpURLConnection) new URL(BACK + path).openConnection();
        connection.setRequestProperty("traceparent", "00-" + trace + "-" + span + "-01");
        connection.setRequestProperty("b3", trace + "-" + span + "-1-" + parent);
        boolean found = connection.getResponseCode() < 400;
        try (InputStream body = found ? connection.getInputStream() : connection.getErrorStream()) {
            return new String(body.readAllBytes());
        }
    }
}
