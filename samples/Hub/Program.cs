using NetworkProtocol.Hub;
using NetworkProtocol.Server;

// A program of your own that is a hub: it stores what edges send, and does what it likes with it.
//   dotnet run --project samples/Hub -- --environment Development
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddNetworkProtocolServer();
builder.Services.AddHub(hub => hub.Store = HubStoreKind.Sqlite);

var app = builder.Build();
app.MapHub();
app.MapGet("/latest", async (IHubReader hub, CancellationToken cancellationToken) =>
    (await hub.LatestAsync(source: null, topic: null, new HubQuery(), cancellationToken)).Items
        .Select(reading => new { reading.Source, reading.Topic, reading.Time, reading.Value }));
app.Run();
