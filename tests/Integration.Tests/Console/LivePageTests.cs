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
using NetworkProtocol.Admin;
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
public sealed class LivePageTests
{
    [Fact]
    public async Task A_page_that_is_open_reads_nothing_more_once_its_sign_in_is_over()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        await using var program = Build(folder.Path, time);
        var sessions = program.Services.GetRequiredService<SignInStore>();
        var user = sessions.CreatePrincipal("admin", Role.Operator, Grant.Link);
        var session = await sessions.StoreAsync(new AuthenticationTicket(
            user, new AuthenticationProperties { IssuedUtc = time.GetUtcNow(), ExpiresUtc = time.GetUtcNow() + TimeSpan.FromHours(1) },
            CookieAuthenticationDefaults.AuthenticationScheme));
        await using var scope = program.Services.CreateAsyncScope();
        ((User)scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>()).Principal = user;
        await using var renderer = new Renderer(scope.ServiceProvider);
        var reads = new Reads();
        await renderer.Dispatcher.InvokeAsync(() => renderer.BeginRenderingComponent(
            typeof(Page), ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Page.Reads)] = reads })).QuiescenceTask);

        var sampler = program.Services.GetRequiredService<Sampler>();
        using var told = new SemaphoreSlim(0);
        sampler.Sampled += () => told.Release(); // after the page
        await sampler.StartAsync(CancellationToken.None);
        var before = reads.Count;
        await UpdateAsync();
        Assert.Equal(before + 1, reads.Count);
        await sessions.RemoveAsync(session);
        await UpdateAsync();
        Assert.Equal(before + 1, reads.Count);
        await sampler.StopAsync(CancellationToken.None);

        async Task UpdateAsync()
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(20)));
            await renderer.Dispatcher.InvokeAsync(() => { }); // after the page's update
        }
    }

    private static WebApplication Build(string folder, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(
            [$"--NetworkProtocol:Admin:DataPath={folder}", "--NetworkProtocol:Server:Tls:Mode=Disabled"]);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time);
        builder.Services.AddNetworkProtocolServer();
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
    }

    private sealed class Page : LivePage
    {
        [Parameter]
        public Reads Reads { get; set; } = null!;

        protected override Task RefreshAsync()
        {
            Reads.Count++;
            return Task.CompletedTask;
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
