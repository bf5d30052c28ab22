<?php
// The shop in PHP: asks Redis for a product, by hand, on a connection for each request.
function ask(string ...$words): ?string
{
    $redis = stream_socket_client('tcp://127.0.0.1:' . getenv('REDIS'));
    $command = '*' . count($words) . "\r\n";
    foreach ($words as $word) {
        $command .= '$' . strlen($word) . "\r\n" . $word . "\r\n";
    }
    fwrite($redis, $command);
    $length = (int) substr((string) fgets($redis), 1);
    $value = $length < 0 ? null : (string) fgets($redis, $length + 1);
    fclose($redis);
    return $value;
}

$id = basename($_SERVER['REQUEST_URI']);
if (!ctype_digit($id)) {
    throw new InvalidArgumentException('no such id: ' . $id);
}
$name = ask('GET', 'product:' . $id) ?? ($id < 500 ? 'chair ' . $id : null);
header('Content-Type: application/json');
if ($name === null) {
    http_response_code(404);
}
echo json_encode(['id' => (int) $id, 'name' => $name]), "\n";
