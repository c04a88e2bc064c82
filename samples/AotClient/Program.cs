using NetworkProtocol.Client;
using NetworkProtocol.Messages;

if (args is not [var address, var text])
{
    Console.Error.WriteLine("usage: AotClient host:port|unix:/path TEXT");
    return 2;
}

var options = new ConnectionOptions { Transport = ClientTransport.SecureHandshake };
await using var server = await ProtocolConnection.ConnectAsync(ServerAddress.Parse(address), options);
var answer = (Message.Echo)await server.RequestAsync(new Message.Echo(text));
Console.WriteLine(answer.Text);
return 0;
