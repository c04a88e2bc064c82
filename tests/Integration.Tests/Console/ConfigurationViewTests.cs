using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Settings;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Console;

/// <summary>The settings next to the current contents of their files. Frequent views must not use more and more memory.</summary>
public sealed class ConfigurationViewTests : IDisposable
{
    private const string Key = "NetworkProtocol:Http:MaxConnections";

    private readonly FakeTimeProvider _time = new();
    private readonly Source _host = new();
    private readonly Source _file = new();
    private readonly ConfigurationManager _configuration = new();
    private readonly ConfigurationView _view;

    public ConfigurationViewTests()
    {
        var host = new ConfigurationManager();
        ((IConfigurationBuilder)host).Add(_host);
        _configuration.AddConfiguration(host, shouldDisposeConfiguration: true);
        ((IConfigurationBuilder)_configuration).Add(_file);
        var services = new ServiceCollection().AddSingleton<IConfiguration>(_configuration)
            .AddSection<HttpOptions>(HttpOptions.Section).Services;
        _view = new ConfigurationView(_configuration, SettingsSection.Of(services), services.BuildServiceProvider(), _time);
    }

    public void Dispose() => _configuration.Dispose();

    [Fact]
    public void Files_are_read_again_at_most_once_a_second()
    {
        Assert.False(IsChanged());
        _file.Value = "300";
        var before = _file.Loads;
        Assert.False(IsChanged());
        Assert.Equal(before, _file.Loads);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(IsChanged());
        Assert.True(IsChanged());
        Assert.Equal(before + 1, _file.Loads);
    }

    [Fact]
    public void Nothing_is_left_of_a_look_and_the_hosts_own_configuration_lives_on()
    {
        var open = _file.Open;
        for (var i = 0; i < 10; i++)
        {
            _file.Fault = i % 2 == 0 ? null : new IOException("It cannot be read.");
            _view.Settings();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(_file.Loads >= 10);
        Assert.Equal((open, 1), (_file.Open, _host.Open));
    }

    private bool IsChanged() => _view.Settings().Single(row => Key.EndsWith(row.Key, StringComparison.Ordinal)).Changed;

    /// <summary>Settings that change, and that count their readers.</summary>
    private sealed class Source : IConfigurationSource
    {
        public string Value { get; set; } = "200";

        public Exception? Fault { get; set; }

        public int Loads { get; private set; }

        public int Open { get; private set; }

        public IConfigurationProvider Build(IConfigurationBuilder builder)
        {
            Open++;
            return new Provider(this);
        }

        private sealed class Provider(Source source) : ConfigurationProvider, IDisposable
        {
            public override void Load()
            {
                source.Loads++;
                if (source.Fault is { } fault)
                {
                    throw fault;
                }

                Data[Key] = source.Value;
            }

            public void Dispose() => source.Open--;
        }
    }
}
