using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.HtmlRendering.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using NetworkProtocol.Admin;
using NetworkProtocol.Edge;
using NetworkProtocol.Hub;
using NetworkProtocol.Server;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Components.Parts;
using NetworkProtocol.Web.Node;
using NetworkProtocol.Web.Upstreams;

namespace Integration.Tests.Console;

/// <summary>
/// A page of the console with the program's services and a clock that the test controls. There is no browser, so nothing ends the circuit.
/// </summary>
public sealed class LivePageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Reads _reads = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_page_that_is_open_reads_nothing_more_once_its_sign_in_is_over()
    {
        await using var program = Build(_folder.Path, _time);
        await using var scope = program.Services.CreateAsyncScope();
        var session = await SignInAsync(scope.ServiceProvider);
        await using var renderer = new Renderer(scope.ServiceProvider);
        await OpenAsync(renderer);
        await using var updates = await Updates.StartAsync(program, _time, renderer);
        var before = _reads.Count;
        await updates.NextAsync();
        Assert.Equal(before + 1, _reads.Count);
        await program.Services.GetRequiredService<SignInStore>().RemoveAsync(session);
        await updates.NextAsync();
        Assert.Equal(before + 1, _reads.Count);
    }

    [Fact]
    public async Task A_page_whose_view_fails_says_why_and_goes_on()
    {
        await using var program = Build(_folder.Path, _time);
        await using var scope = program.Services.CreateAsyncScope();
        await SignInAsync(scope.ServiceProvider);
        await using var renderer = new Renderer(scope.ServiceProvider);
        _reads.Problem = "node-2 does not answer";
        await OpenAsync(renderer);
        var messages = scope.ServiceProvider.GetRequiredService<ISnackbar>();
        Assert.Equal("node-2 does not answer", Assert.Single(messages.ShownSnackbars).Message);
        messages.Clear();
        await using var updates = await Updates.StartAsync(program, _time, renderer);
        await updates.NextAsync();
        Assert.Equal("node-2 does not answer", Assert.Single(messages.ShownSnackbars).Message);
        var before = _reads.Count;
        await updates.NextAsync();
        Assert.Equal(before + 1, _reads.Count);
        Assert.Single(messages.ShownSnackbars); // a message that is shown is not shown twice
    }

    private static async Task<string> SignInAsync(IServiceProvider services)
    {
        var sessions = services.GetRequiredService<SignInStore>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var user = sessions.CreatePrincipal("admin", Role.Operator, Grant.Link);
        ((User)services.GetRequiredService<AuthenticationStateProvider>()).Principal = user;
        return await sessions.StoreAsync(new AuthenticationTicket(
            user, new AuthenticationProperties { IssuedUtc = now, ExpiresUtc = now + TimeSpan.FromHours(1) },
            CookieAuthenticationDefaults.AuthenticationScheme));
    }

    private Task OpenAsync(Renderer renderer) => renderer.Dispatcher.InvokeAsync(() => renderer.BeginRenderingComponent(
        typeof(Page), ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Page.Reads)] = _reads })).QuiescenceTask);

    private static WebApplication Build(string folder, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(
            [$"--NetworkProtocol:Admin:DataPath={folder}", "--NetworkProtocol:Server:Tls:Mode=Disabled"]);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time);
        builder.Services.AddNetworkProtocolServer();
        builder.Services.AddEdge();
        builder.Services.AddHub();
        builder.Services.AddHttpEndpoint(builder.Configuration);
        builder.Services.AddUpstreams(builder.Configuration);
        builder.Services.AddAdmin(builder.Configuration);
        builder.Services.AddScoped<AuthenticationStateProvider, User>();
        builder.Services.AddScoped<NavigationManager, Address>();
        return builder.Build();
    }

    private sealed class Reads
    {
        public int Count { get; set; }

        /// <summary>Why the node shows nothing; null if it shows what the page reads.</summary>
        public string? Problem { get; set; }
    }

    private sealed class Page : LivePage
    {
        [Parameter]
        public Reads Reads { get; set; } = null!;

        protected override Task RefreshAsync()
        {
            Reads.Count++;
            return Reads.Problem is { } problem ? throw new NodeException(OutcomeKind.Unreachable, problem) : Task.CompletedTask;
        }
    }

    /// <summary>The updates of the program's sampler, one after the other.</summary>
    private sealed class Updates(Sampler sampler, FakeTimeProvider time, Renderer renderer) : IAsyncDisposable
    {
        private readonly SemaphoreSlim _told = new(0);

        public static async Task<Updates> StartAsync(WebApplication program, FakeTimeProvider time, Renderer renderer)
        {
            var sampler = program.Services.GetRequiredService<Sampler>();
            var updates = new Updates(sampler, time, renderer);
            sampler.Sampled += () => updates._told.Release(); // after the page, which is open already
            await sampler.StartAsync(CancellationToken.None);
            return updates;
        }

        public async Task NextAsync()
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await _told.WaitAsync(TimeSpan.FromSeconds(20)));
            await renderer.Dispatcher.InvokeAsync(() => { }); // after the page's update
        }

        public async ValueTask DisposeAsync()
        {
            await sampler.StopAsync(CancellationToken.None);
            _told.Dispose();
        }
    }

    private sealed class User : AuthenticationStateProvider
    {
        public ClaimsPrincipal Principal { get; set; } = new();

        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(Principal));
    }

    private sealed class Address : NavigationManager
    {
        public Address() => Initialize("http://localhost/", "http://localhost/");
    }

    private sealed class Renderer(IServiceProvider services) : StaticHtmlRenderer(services, NullLoggerFactory.Instance)
    {
        protected override RendererInfo RendererInfo { get; } = new("Server", isInteractive: true);
    }
}
