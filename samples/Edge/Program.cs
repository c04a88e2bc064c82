using NetworkProtocol.Edge;
using NetworkProtocol.Server;

// A program of your own that is an edge: sensors publish to a Unix socket, and the messages go to a hub.
//   dotnet run --project samples/Edge -- --environment Development --NetworkProtocol:Edge:HubAddress=localhost:8443
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddNetworkProtocolServer(server => server.Listen = "127.0.0.1:0");
builder.Services.AddEdge(edge => edge.Source = "sample-edge");

var app = builder.Build();
app.MapEdge();
app.Run();
