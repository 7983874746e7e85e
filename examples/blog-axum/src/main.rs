//! A blog whose posts can be thrown away and brought back, on axum and SQLite: the same as `examples/blog-fastapi`, in Rust.

mod answer;
mod app;
mod options;
mod post;
mod query;
mod routes;
mod stop;

use options::Command;
use reprieve::Database;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let address = match options::command(std::env::args().skip(1)) {
        Ok(Command::Serve(address)) => address,
        Ok(Command::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(mistake) => {
            eprintln!("error: {mistake}");
            return ExitCode::from(2);
        }
    };
    match serve(address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    // Faults of the server are logged; nothing of them is in an answer.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .init();
    let database = Database::builder(options::database_url()).model::<post::Post>().connect()?;
    database.create_tables().await?;

    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}; choose a port with --port"))?;
    let stopped = stop::signal()?;
    eprintln!("The blog is running on http://{} (Ctrl-C stops it)", listener.local_addr()?);
    axum::serve(listener, app::app(database.clone())).with_graceful_shutdown(stopped).await?;
    database.close().await?;
    Ok(())
}
