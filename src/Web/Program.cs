using NetworkProtocol.Server;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Admin;
using NetworkProtocol.Web.Systemd;
using NetworkProtocol.Web.Upstreams;
using Serilog;

if (!Array.Exists(args, SelfProbe.IsArgument) && Descriptors.FindProblem() is { } tooFew)
{
    return await ConfigurationCheck.ReportAsync([tooFew]);
}

SocketCompletions.RunInline();
HomeFolder.Ensure();
var checkOnly = args.Contains(ConfigurationCheck.Argument);
WebApplicationBuilder builder;
try
{
    builder = WebApplication.CreateBuilder([.. args.Where(argument => argument != ConfigurationCheck.Argument && !SelfProbe.IsArgument(argument))]);
    builder.Configuration.AddSystemdFolders();
}
catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or FormatException)
{
    return await ConfigurationCheck.ReportAsync([e.InnerException is null ? e.Message : $"{e.Message} {e.GetBaseException().Message}"]);
}

var problems = ConfigurationCheck.Find(builder.Configuration);
if (problems.Count > 0)
{
    return await ConfigurationCheck.ReportAsync(problems);
}

if (SelfProbe.PathIn(args) is { } path)
{
    return await SelfProbe.RunAsync(builder.Configuration, path);
}

builder.Host.UseSerilog(Logging.Configure);
builder.Services.AddLogOptions(builder.Configuration);
builder.Services.AddNetworkProtocolServer();
builder.Services.AddHttpEndpoint(builder.Configuration);
builder.Services.AddUpstreams(builder.Configuration);
builder.Services.AddAdmin(builder.Configuration);
builder.Services.AddSystemdNotifications();
builder.WebHost.UseKestrelForHttp();
builder.Services.AddDescriptorShares(builder.Configuration);
HttpStop.Bound(builder.Services);
builder.WebHost.UseStaticWebAssets(); // so that a build that was not published has its pages' files outside Development, too

var app = builder.Build();
try
{
    problems = await ConfigurationCheck.ValidateAsync(app.Services);
    if (problems.Count > 0)
    {
        return await ConfigurationCheck.ReportAsync(problems);
    }

    if (checkOnly)
    {
        Console.WriteLine("The configuration is valid.");
        return 0;
    }

    Descriptors.WarnIfLowered(app.Services, app.Configuration);
    using var second = new SecondSignal();
    app.LoadAdmin();
    app.UseChallenges();
    app.MapAdmin();
    app.MapProbesAndMetrics();
    app.MapUpstreams();
    await app.StartAsync();
    StartLines.Print(app.Services);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception e) when (e is IOException or InvalidOperationException or ArgumentException or System.Net.Sockets.SocketException)
{
    return await ConfigurationCheck.ReportAsync([e.Message]);
}
finally
{
    await app.DisposeAsync();
    await Log.CloseAndFlushAsync();
}
