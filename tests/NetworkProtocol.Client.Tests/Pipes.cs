namespace NetworkProtocol.Client.Tests;

/// <summary>Makes the two ends of a stream in this process, for servers that misbehave.</summary>
internal static class Pipes
{
    public static (Stream Client, Stream Server) Create()
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var client = new System.Net.Sockets.TcpClient();
        client.Connect((System.Net.IPEndPoint)listener.LocalEndpoint);
        var server = listener.AcceptTcpClient();
        listener.Stop();
        return (client.GetStream(), server.GetStream());
    }
}
